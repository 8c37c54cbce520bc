"""Faults a test arms: each names what it hits and how often, and disarms itself when used up.

Here are those that every platform's calls can meet; each platform adds its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from tests.fakes.hold import Hold


class Kind(StrEnum):
    """What goes wrong. ``REFUSE``, ``RATE_LIMIT`` and ``.._BEFORE`` happen before anything is stored."""

    REFUSE = "refuse"
    RATE_LIMIT = "rate_limit"
    CLOUDFLARE = "cloudflare"
    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    LOSE_RESPONSE = "lose_response"
    COMMIT_LATE = "commit_late"
    SLOW = "slow"
    HOLD_BEFORE = "hold_before"
    HOLD_AFTER = "hold_after"
    ECHO_FIRST = "echo_first"
    DUPLICATE = "duplicate"
    DROP = "drop"
    MALFORM = "malform"
    EDIT_FIRST = "edit_first"
    IGNORE_ACK = "ignore_ack"
    DELAY_ACK = "delay_ack"
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
    hold: Hold = field(default_factory=Hold)


FaultT = TypeVar("FaultT", bound=Fault)


class CallFaults(Generic[FaultT]):
    """The armed faults, and ``fired``: which ones have struck, in order, as ``(kind, target)``.

    A call is named as the platform names it, and may hold wildcards.
    """

    def __init__(self, fault: type[FaultT]) -> None:
        self._fault = fault
        self.armed: list[FaultT] = []
        self.fired: list[tuple[Kind, str]] = []
        self.on_clear: list[Callable[[], None]] = []

    def take(self, kind: Kind, target: str) -> FaultT | None:
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

    def arm(self, kind: Kind, target: str, **how: Any) -> FaultT:
        """Arm a fault; the rest are its fields."""
        fault = self._fault(kind=kind, target=target, **how)
        self.armed.append(fault)
        return fault

    def lose_response(self, call: str, *, times: int = 1, skip: int = 0) -> None:
        """Store what was asked, then close the connection without an answer."""
        self.arm(Kind.LOSE_RESPONSE, call, times=times, skip=skip)

    def commit_late(self, call: str, *, skip: int = 0) -> Hold:
        """Close the connection without an answer; store and announce what was asked once it is let go of."""
        return self.arm(Kind.COMMIT_LATE, call, skip=skip).hold

    def fail_before(self, call: str, *, status: int = 500, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored nothing."""
        self.arm(Kind.FAIL_BEFORE, call, times=times, skip=skip, status=status)

    def fail_after(self, call: str, *, status: int = 500, times: int = 1, skip: int = 0) -> None:
        """Answer a server error, having stored everything."""
        self.arm(Kind.FAIL_AFTER, call, times=times, skip=skip, status=status)

    def slow(self, call: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Store and announce at once, answer only after a while."""
        self.arm(Kind.SLOW, call, times=times, skip=skip, seconds=seconds)

    def hold_before(self, call: str, *, skip: int = 0) -> Hold:
        """Keep a call waiting before anything is stored; it never is, and the connection is closed."""
        return self.arm(Kind.HOLD_BEFORE, call, skip=skip).hold

    def hold_after(self, call: str, *, skip: int = 0) -> Hold:
        """Store and announce what was asked, and keep the call waiting; then close the connection."""
        return self.arm(Kind.HOLD_AFTER, call, skip=skip).hold
