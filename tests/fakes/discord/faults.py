"""Faults a test arms: each names what it hits and how often, and disarms itself when used up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from tests.fakes.hold import Hold


class Kind(StrEnum):
    """What goes wrong. ``REFUSE``, ``RATE_LIMIT`` and ``.._BEFORE`` happen before anything is stored."""

    REFUSE = "refuse"
    RATE_LIMIT = "rate_limit"
    CLOUDFLARE = "cloudflare"
    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    LOSE_RESPONSE = "lose_response"
    SLOW = "slow"
    HOLD_BEFORE = "hold_before"
    HOLD_AFTER = "hold_after"
    ECHO_FIRST = "echo_first"
    DUPLICATE = "duplicate"
    DROP = "drop"
    MALFORM = "malform"
    EDIT_FIRST = "edit_first"
    REFUSE_SOCKET = "refuse_socket"
    HTML_FILE = "html_file"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault: hits the next ``times`` matches of ``target`` after letting ``skip`` pass."""

    kind: Kind
    target: str
    times: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 0.0
    code: int = 0
    everywhere: bool = False
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

    # -- REST: `call` is a pattern over "METHOD /path", such as "POST /webhooks/*" -------------

    def lose_response(self, call: str, *, times: int = 1, skip: int = 0) -> None:
        """Store what was asked, then close the connection without an answer."""
        self._arm(Fault(kind=Kind.LOSE_RESPONSE, target=call, times=times, skip=skip))

    def rate_limit(
        self, call: str, *, retry_after: float = 1.0, everywhere: bool = False, times: int = 1, skip: int = 0
    ) -> None:
        """Answer 429, of this bucket or (``everywhere``) of all calls; a call before its time is a violation."""
        fault = Fault(kind=Kind.RATE_LIMIT, target=call, times=times, skip=skip, seconds=retry_after)
        fault.everywhere = everywhere
        self._arm(fault)

    def cloudflare(self, call: str, *, retry_after: float = 1.0, times: int = 1) -> None:
        """Answer the 429 of the proxy in front: no ``Via`` header, and a page instead of JSON."""
        self._arm(Fault(kind=Kind.CLOUDFLARE, target=call, times=times, seconds=retry_after))

    def fail_before(self, call: str, *, status: int = 502, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored nothing."""
        self._arm(Fault(kind=Kind.FAIL_BEFORE, target=call, times=times, skip=skip, status=status))

    def fail_after(self, call: str, *, status: int = 502, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored everything."""
        self._arm(Fault(kind=Kind.FAIL_AFTER, target=call, times=times, skip=skip, status=status))

    def slow(self, call: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Store and announce at once, answer only after a while."""
        self._arm(Fault(kind=Kind.SLOW, target=call, times=times, skip=skip, seconds=seconds))

    def hold_before(self, call: str, *, skip: int = 0) -> Hold:
        """Keep a call waiting before anything is stored; it never is, and the connection is closed."""
        return self._arm(Fault(kind=Kind.HOLD_BEFORE, target=call, skip=skip)).hold

    def hold_after(self, call: str, *, skip: int = 0) -> Hold:
        """Store and dispatch what was asked, and keep the call waiting; then close the connection."""
        return self._arm(Fault(kind=Kind.HOLD_AFTER, target=call, skip=skip)).hold

    def refuse(self, call: str, code: int, *, status: int = 403, times: int = 1, skip: int = 0) -> None:
        """Answer an error of this JSON code."""
        self._arm(Fault(kind=Kind.REFUSE, target=call, times=times, skip=skip, status=status, code=code))

    def echo_first(self, call: str = "POST /*", *, times: int = 1, skip: int = 0) -> None:
        """Send the dispatches a while before answering the call that caused them."""
        self._arm(Fault(kind=Kind.ECHO_FIRST, target=call, times=times, skip=skip, seconds=0.2))

    def html_file(self, name: str = "*", *, times: int = 1) -> None:
        """Serve an error page, with status 404, instead of the file of this name."""
        self._arm(Fault(kind=Kind.HTML_FILE, target=name, times=times))

    # -- gateway: `event` is a name such as "MESSAGE_CREATE", or a pattern ---------------------

    def duplicate(self, event: str = "*", *, times: int = 1) -> None:
        """Dispatch an event twice, under two sequence numbers."""
        self._arm(Fault(kind=Kind.DUPLICATE, target=event, times=times))

    def drop(self, event: str = "*", *, times: int = 1) -> None:
        """Never dispatch an event."""
        self._arm(Fault(kind=Kind.DROP, target=event, times=times))

    def malform(self, event: str = "*", *, times: int = 1) -> None:
        """Dispatch an event with a body that the client does not expect."""
        self._arm(Fault(kind=Kind.MALFORM, target=event, times=times))

    def edit_first(self, *, times: int = 1) -> None:
        """Hold a MESSAGE_CREATE back until the message was changed."""
        self._arm(Fault(kind=Kind.EDIT_FIRST, target="MESSAGE_CREATE", times=times))

    def refuse_socket(self, *, status: int = 503, times: int = 1) -> None:
        """Refuse the next WebSocket connections."""
        self._arm(Fault(kind=Kind.REFUSE_SOCKET, target="gateway", times=times, status=status))

    def _arm(self, fault: Fault) -> Fault:
        self.armed.append(fault)
        return fault
