"""Pace: spaces out posts to a channel as Slack asks for: one a second, with a short burst."""

import asyncio
from collections.abc import Callable


class Pace:
    """A token bucket per channel. `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float], per_second: float = 1.0, burst: int = 3) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    async def wait(self, channel: str) -> None:
        """Return when the channel may be posted to, and count the post."""
        now = self._clock()
        tokens, at = self._buckets.get(channel, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - at) * self._per_second) - 1
        self._buckets[channel] = (tokens, now)
        if tokens < 0:
            await asyncio.sleep(-tokens / self._per_second)
