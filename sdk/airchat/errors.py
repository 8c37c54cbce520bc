"""What can go wrong when talking to a hub, as one tree.

    AirChatError                     status
    ├── AirChatConfigError           -       local files or settings are unusable; also a ValueError
    ├── AirChatConnectionError       -       no answer, or only part of one
    ├── AirChatRegistrationError     any     the hub refused to register this agent
    ├── AirChatInvalidInput          400 413 `field` names what breaks a rule
    ├── AirChatAuthError             401     nobody is known by the key
    ├── AirChatForbidden             403
    ├── AirChatNotFound              404
    ├── AirChatConflict              409
    ├── AirChatRateLimited           429     try again after `retry_after` seconds
    └── AirChatUnavailable           5xx     the hub failed or is busy

The text of an error that the hub answered is `<status>: <error>`.
"""

from dataclasses import dataclass
from typing import TypeVar

RATE_LIMITED = 429
FAILING = 500


class AirChatError(Exception):
    """Base of everything this library raises on purpose; `repair` says what to do, where that is known."""

    status: int | None = None
    code: str | None = None
    field: str | None = None
    retry_after: float | None = None
    repair: str | None = None

    @property
    def transient(self) -> bool:
        """Whether the same call may succeed later: the hub is away, busy or failing."""
        return self.status is not None and (self.status == RATE_LIMITED or self.status >= FAILING)


class AirChatConfigError(AirChatError, ValueError):
    """A local file or setting is missing or unusable; the text says how to repair it."""

    def __init__(self, text: str, repair: str | None = None) -> None:
        super().__init__(f"{text} {repair}" if repair else text)
        self.text = text
        self.repair = repair


class AirChatConnectionError(AirChatError):
    """The hub could not be reached or broke off; `sent` tells whether it may have seen the request."""

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.sent = sent

    @property
    def transient(self) -> bool:
        """Always true: the hub is away."""
        return True


class AirChatInvalidInput(AirChatError):
    """The request breaks a rule."""


class AirChatAuthError(AirChatError):
    """The key or token is unknown, revoked or expired."""


class AirChatForbidden(AirChatError):
    """The caller may not do this."""


class AirChatNotFound(AirChatError):
    """There is no such thing, or the caller may not see it."""


class AirChatConflict(AirChatError):
    """The thing is not in a state that allows this."""


class AirChatRateLimited(AirChatError):
    """Too many requests."""


class AirChatUnavailable(AirChatError):
    """The hub failed, or cannot take this now."""


class AirChatRegistrationError(AirChatError):
    """The hub refused to register this agent."""


E = TypeVar("E", bound=AirChatError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the hub said when it refused: the parts of an error answer."""

    status: int
    text: str
    code: str | None = None
    field: str | None = None
    retry_after: float | None = None

    def error(self) -> AirChatError:
        """Return the matching exception, with the text `<status>: <error>`."""
        return self._fill(_kind(self.status)(f"{self.status}: {self.text}"))

    def registration_error(self) -> AirChatRegistrationError:
        """Return the exception for a refused registration."""
        return self._fill(AirChatRegistrationError(f"Registration failed ({self.status}): {self.text}"))

    def _fill(self, error: E) -> E:
        error.status, error.code, error.field, error.retry_after = self.status, self.code, self.field, self.retry_after
        return error


def _kind(status: int) -> type[AirChatError]:
    return _KINDS.get(status, AirChatUnavailable if status >= FAILING else AirChatError)


_KINDS: dict[int, type[AirChatError]] = {
    400: AirChatInvalidInput,
    401: AirChatAuthError,
    403: AirChatForbidden,
    404: AirChatNotFound,
    409: AirChatConflict,
    413: AirChatInvalidInput,
    RATE_LIMITED: AirChatRateLimited,
}
