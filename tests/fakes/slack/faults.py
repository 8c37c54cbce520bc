"""Faults a test arms: each names what it hits and how often, and disarms itself when used up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from tests.fakes.hold import Hold

from .settings import Json


class Kind(StrEnum):
    """What goes wrong. ``REFUSE`` and ``.._BEFORE`` happen before anything is stored, the rest after."""

    REFUSE = "refuse"
    RATE_LIMIT = "rate_limit"
    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    LOSE_RESPONSE = "lose_response"
    SLOW = "slow"
    HOLD_BEFORE = "hold_before"
    HOLD_AFTER = "hold_after"
    ECHO_FIRST = "echo_first"
    DUPLICATE = "duplicate"
    IGNORE_ACK = "ignore_ack"
    DELAY_ACK = "delay_ack"
    EDIT_FIRST = "edit_first"
    HTML_FILE = "html_file"


BEFORE = (Kind.RATE_LIMIT, Kind.FAIL_BEFORE, Kind.REFUSE)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault: hits the next ``times`` matches of ``target`` after letting ``skip`` pass."""

    kind: Kind
    target: str
    times: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 0.0
    error: str = ""
    details: Json = field(default_factory=dict)
    retry_flag: bool = False
    same_envelope: bool = False
    hold: Hold = field(default_factory=Hold)


class Faults:
    """The armed faults, and ``fired``: which ones have struck, in order, as ``(kind, target)``."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self.fired: list[tuple[Kind, str]] = []
        self.on_clear: list[Callable[[], None]] = []

    def take(self, kind: Kind, target: str) -> Fault | None:
        """Use up one strike of the first matching fault, if any."""
        for fault in self.armed:
            if fault.kind is not kind or not fnmatchcase(target, fault.target):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if not fault.times:
                self.armed.remove(fault)
            self.fired.append((kind, target))
            return fault
        return None

    def clear(self) -> None:
        """Disarm everything, and let go of events that were held back."""
        self.armed.clear()
        for action in self.on_clear:
            action()

    # -- Web API: `method` may hold wildcards, such as "chat.*" ------------------------------

    def lose_response(self, method: str, *, times: int = 1, skip: int = 0) -> None:
        """Store what was asked, then close the connection without an answer."""
        self._arm(Fault(kind=Kind.LOSE_RESPONSE, target=method, times=times, skip=skip))

    def rate_limit(self, method: str, *, retry_after: float = 1, times: int = 1, skip: int = 0) -> None:
        """Answer 429 with Retry-After (seconds); a call before that time is a violation."""
        self._arm(Fault(kind=Kind.RATE_LIMIT, target=method, times=times, skip=skip, seconds=retry_after))

    def fail_before(self, method: str, *, status: int = 500, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored nothing."""
        self._arm(Fault(kind=Kind.FAIL_BEFORE, target=method, times=times, skip=skip, status=status))

    def fail_after(self, method: str, *, status: int = 500, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored everything."""
        self._arm(Fault(kind=Kind.FAIL_AFTER, target=method, times=times, skip=skip, status=status))

    def slow(self, method: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Store and announce at once, answer only after a while."""
        self._arm(Fault(kind=Kind.SLOW, target=method, times=times, skip=skip, seconds=seconds))

    def hold_before(self, method: str, *, skip: int = 0) -> Hold:
        """Keep a call waiting before anything is stored; it never is, and the connection is closed."""
        return self._arm(Fault(kind=Kind.HOLD_BEFORE, target=method, skip=skip)).hold

    def hold_after(self, method: str, *, skip: int = 0) -> Hold:
        """Store and announce what was asked, and keep the call waiting; then close the connection."""
        return self._arm(Fault(kind=Kind.HOLD_AFTER, target=method, skip=skip)).hold

    def refuse(self, method: str, error: str, *, times: int = 1, skip: int = 0, **details: object) -> None:
        """Answer ``{"ok": false, "error": error, **details}``."""
        self._arm(Fault(kind=Kind.REFUSE, target=method, times=times, skip=skip, error=error, details=details))

    def echo_first(self, method: str = "chat.postMessage", *, times: int = 1, skip: int = 0) -> None:
        """Deliver the event, and wait for its ack, before answering the call that caused it."""
        self._arm(Fault(kind=Kind.ECHO_FIRST, target=method, times=times, skip=skip))

    def html_file(self, name: str = "*", *, times: int = 1) -> None:
        """Serve the login page, with status 200, instead of the file of this name."""
        self._arm(Fault(kind=Kind.HTML_FILE, target=name, times=times))

    # -- Events: `event` is a subscription such as "message.channels", or a pattern -----------

    def duplicate(
        self, event: str = "*", *, times: int = 1, retry_flag: bool = False, same_envelope: bool = False
    ) -> None:
        """Deliver an event twice with the same event_id: as a flagged retry, in a new envelope, or in the same one."""
        fault = Fault(kind=Kind.DUPLICATE, target=event, times=times)
        fault.retry_flag, fault.same_envelope = retry_flag, same_envelope
        self._arm(fault)

    def ignore_ack(self, event: str = "*", *, times: int = 1) -> None:
        """Lose an ack on its way, so that the event is redelivered although it was acknowledged."""
        self._arm(Fault(kind=Kind.IGNORE_ACK, target=event, times=times))

    def delay_ack(self, seconds: float, event: str = "*", *, times: int = 1) -> None:
        """Let an ack take this long to arrive; past the ack window it is too late."""
        self._arm(Fault(kind=Kind.DELAY_ACK, target=event, times=times, seconds=seconds))

    def edit_first(self, event: str = "message.*", *, times: int = 1) -> None:
        """Hold a new message back until it is edited or deleted, and deliver that change first."""
        self._arm(Fault(kind=Kind.EDIT_FIRST, target=event, times=times))

    def _arm(self, fault: Fault) -> Fault:
        self.armed.append(fault)
        return fault
