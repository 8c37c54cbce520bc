"""Pace: spaces out calls as Slack asks for, e.g. posts to a channel: one a second, with a short burst."""

import asyncio
from collections.abc import Callable


class Pace:
    """A token bucket per key, e.g. a channel. `clock` gives seconds and never goes back.

    A bucket starts with one token, so that a bridge that is started again and again gets no burst each time; or `full`,
    where Slack allows several such bursts a minute.
    """

    def __init__(self, clock: Callable[[], float], per_second: float, burst: int, *, full: bool = False) -> None:
        self._clock = clock
        self._first = float(burst) if full else 1.0
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: dict[str, tuple[float, float]] = {}

    async def wait(self, key: str) -> None:
        """Return when the call may be made, and count it."""
        now = self._clock()
        tokens, at = self._buckets.get(key, (self._first, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second) - 1
        self._buckets[key] = (tokens, now)
        if tokens < 0:
            await asyncio.sleep(-tokens / self._per_second)
