"""Everything that can go wrong, as one tree.

    HubError                  code            status  retryable
    ├── InvalidInput          invalid_input   400     no
    ├── Unauthenticated       unauthenticated 401     no
    ├── Forbidden             forbidden       403     no
    ├── NotFound              not_found       404     no
    ├── Conflict              conflict        409     no
    │   └── StaleFence        stale_fence     409     no
    ├── TooLarge              too_large       413     no
    ├── RateLimited           rate_limited    429     after `retry_after` seconds
    ├── NotEnabled            not_enabled     501     no
    └── Unavailable           unavailable     503     after `retry_after` seconds

Every error's text can be shown to whoever caused it: it names the field and the rule, never the hub's insides.
"""

from typing import ClassVar


class HubError(Exception):
    """Base of all errors that the hub reports to a caller."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False


class InvalidInput(HubError):
    """The request breaks a rule; `field` names the offending field."""

    code = "invalid_input"
    status = 400

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class Unauthenticated(HubError):
    """Nobody is known by the credential, or there is none."""

    code = "unauthenticated"
    status = 401


class Forbidden(HubError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403


class NotFound(HubError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"
    status = 404


class Conflict(HubError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    status = 409


class StaleFence(Conflict):
    """A task was claimed by another agent since: the caller's fencing number is out of date."""

    code = "stale_fence"


class TooLarge(HubError):
    """The body or file exceeds its limit."""

    code = "too_large"
    status = 413


class RateLimited(HubError):
    """Too many requests; `retry_after` is in whole seconds, at least 1."""

    code = "rate_limited"
    status = 429
    retryable = True

    def __init__(self, text: str = "Rate limit exceeded. Try again later.", retry_after: int = 60) -> None:
        super().__init__(text)
        self.retry_after = max(1, retry_after)


class NotEnabled(HubError):
    """This hub does not offer it, or its settings leave it switched off."""

    code = "not_enabled"
    status = 501


class Unavailable(HubError):
    """The hub cannot take this now; `retry_after` is in whole seconds, at least 1."""

    code = "unavailable"
    status = 503
    retryable = True

    def __init__(self, text: str = "The hub is busy. Try again shortly.", retry_after: int = 1) -> None:
        super().__init__(text)
        self.retry_after = max(1, retry_after)
