"""Who is let in: how many connections there may be, from one address, in one minute, and of unknown clients."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from hub.core.addresses import counted, is_loopback

_WINDOW = 60.0
_ADDRESSES = 10_000
"""Addresses whose recent arrivals are remembered; those that came longest ago are forgotten first."""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """How many connections are let in; 0 lets any number in.

    `per_address` at a time and `per_minute` newly, each from one address (IPv6: one /64); `total` at a time;
    `unsettled` at a time of those that have not yet said who they are. Loopback is not limited if `loopback_free`.
    """

    total: int = 10_000
    per_address: int = 50
    per_minute: int = 120
    unsettled: int = 1_000
    loopback_free: bool = True


class Gate:
    """Counts connections over all listeners that share it."""

    def __init__(self, limits: GateLimits, now: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._now = now
        self._open: Counter[str] = Counter()
        self._total = 0
        self._unsettled = 0
        self._arrivals: OrderedDict[str, list[float]] = OrderedDict()

    def admit(self, address: str) -> "Admission | str":
        """Let a connection in, or return why not, in words for its client."""
        key = counted(address)
        if not (self._limits.loopback_free and is_loopback(address)):
            refusal = self._refusal(key)
            if refusal is not None:
                return refusal
        return Admission(self, key)

    def _refusal(self, key: str) -> str | None:
        limits = self._limits
        if limits.total and self._total >= limits.total:
            return "The server is full"
        if limits.per_address and self._open[key] >= limits.per_address:
            return "Too many connections from your address"
        if limits.unsettled and self._unsettled >= limits.unsettled:
            return "Too many clients are connecting"
        if limits.per_minute and not self._arrive(key):
            return "Too many new connections from your address; wait a minute"
        return None

    def _arrive(self, key: str) -> bool:
        now = self._now()
        recent = [at for at in self._arrivals.pop(key, ()) if at > now - _WINDOW]
        allowed = len(recent) < self._limits.per_minute
        if allowed:
            recent.append(now)
        self._arrivals[key] = recent
        if len(self._arrivals) > _ADDRESSES:
            self._arrivals.popitem(last=False)
        return allowed

    def _count(self, key: str, change: int) -> None:
        self._total += change
        self._open[key] += change
        if not self._open[key]:
            del self._open[key]

    def _count_unsettled(self, change: int) -> None:
        self._unsettled += change


class Admission:
    """The ticket of one connection that was let in."""

    def __init__(self, gate: Gate, key: str) -> None:
        self._gate = gate
        self._key = key
        self._settled = False
        self._released = False
        gate._count(key, 1)  # noqa: SLF001 - two halves of one thing
        gate._count_unsettled(1)  # noqa: SLF001

    def settle(self) -> None:
        """Count it no longer among those of whom nothing is known yet."""
        if not self._settled:
            self._settled = True
            self._gate._count_unsettled(-1)  # noqa: SLF001

    def release(self) -> None:
        """Count it no longer at all."""
        self.settle()
        if not self._released:
            self._released = True
            self._gate._count(self._key, -1)  # noqa: SLF001
