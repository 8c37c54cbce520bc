"""Faults of Slack: what can go wrong with calls of the Web API, with events and with files."""

from dataclasses import dataclass, field

from tests.fakes.faults import CallFaults, Kind
from tests.fakes.faults import Fault as AnyFault

from .settings import Json

BEFORE = (Kind.RATE_LIMIT, Kind.FAIL_BEFORE, Kind.REFUSE)


@dataclass(slots=True, kw_only=True)
class Fault(AnyFault):
    """One armed fault: of a call, or of an event and its acknowledgement."""

    error: str = ""
    details: Json = field(default_factory=dict)
    retry_flag: bool = False
    same_envelope: bool = False


class Faults(CallFaults[Fault]):
    """The faults; a call is the name of a method, such as "chat.postMessage" or "chat.*"."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def rate_limit(self, method: str, *, retry_after: float = 1, times: int = 1, skip: int = 0) -> None:
        """Answer 429 with Retry-After (seconds); a call before that time is a violation."""
        self.arm(Kind.RATE_LIMIT, method, times=times, skip=skip, seconds=retry_after)

    def refuse(self, method: str, error: str, *, times: int = 1, skip: int = 0, **details: object) -> None:
        """Answer ``{"ok": false, "error": error, **details}``."""
        self.arm(Kind.REFUSE, method, times=times, skip=skip, error=error, details=details)

    def echo_first(self, method: str = "chat.postMessage", *, times: int = 1, skip: int = 0) -> None:
        """Deliver the event, and wait for its ack, before answering the call that caused it."""
        self.arm(Kind.ECHO_FIRST, method, times=times, skip=skip)

    def html_file(self, name: str = "*", *, times: int = 1) -> None:
        """Serve the login page, with status 200, instead of the file of this name."""
        self.arm(Kind.HTML_FILE, name, times=times)

    # -- Events: `event` is a subscription such as "message.channels", or a pattern -----------

    def duplicate(
        self, event: str = "*", *, times: int = 1, retry_flag: bool = False, same_envelope: bool = False
    ) -> None:
        """Deliver an event twice with the same event_id: as a flagged retry, in a new envelope, or in the same one."""
        self.arm(Kind.DUPLICATE, event, times=times, retry_flag=retry_flag, same_envelope=same_envelope)

    def ignore_ack(self, event: str = "*", *, times: int = 1) -> None:
        """Lose an ack on its way, so that the event is redelivered although it was acknowledged."""
        self.arm(Kind.IGNORE_ACK, event, times=times)

    def delay_ack(self, seconds: float, event: str = "*", *, times: int = 1) -> None:
        """Let an ack take this long to arrive; past the ack window it is too late."""
        self.arm(Kind.DELAY_ACK, event, times=times, seconds=seconds)

    def edit_first(self, event: str = "message.*", *, times: int = 1) -> None:
        """Hold a new message back until it is edited or deleted, and deliver that change first."""
        self.arm(Kind.EDIT_FIRST, event, times=times)
