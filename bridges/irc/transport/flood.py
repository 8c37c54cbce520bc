"""Flood control by fair delay: who sends too much waits, and nobody loses a line or the connection for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FloodProfile:
    """A client may spend `burst` at once and `rate` a second from then on; a usual line costs 1. Rate 0 is no limit."""

    burst: float
    rate: float


PERSON = FloodProfile(burst=20, rate=2)
AGENT = FloodProfile(burst=200, rate=50)
BRIDGE = FloodProfile(burst=2_000, rate=500)
NONE = FloodProfile(burst=0, rate=0)


class Flood:
    """One client's account. It may be overdrawn: the debt is the delay, so that lines stay in order."""

    def __init__(self, profile: FloodProfile, now: Callable[[], float] = time.monotonic) -> None:
        self._profile = profile
        self._now = now
        self._left = profile.burst
        self._at = now()

    def change(self, profile: FloodProfile) -> None:
        """Treat the client by another profile from now on, now that it is known; its account starts anew."""
        self._profile = profile
        self._left = profile.burst
        self._at = self._now()

    def delay(self, cost: float = 1.0) -> float:
        """Charge a line; return the seconds to wait before it is processed."""
        profile = self._profile
        if not profile.rate:
            return 0.0
        now = self._now()
        self._left = min(profile.burst, self._left + (now - self._at) * profile.rate) - cost
        self._at = now
        return max(0.0, -self._left / profile.rate)
