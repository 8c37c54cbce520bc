"""Pace: how fast lines may leave, so that no server takes the hub for a flood."""

import asyncio
import time


class Pace:
    """A bucket of tokens, one for each line; who comes first is served first."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = float(burst)
        self._at = time.monotonic()
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait for a token, and take it."""
        async with self._turn:
            missing = 1 - self._refilled()
            self._tokens -= 1
            if missing > 0:
                await asyncio.sleep(missing / self._per_second)

    def spend(self) -> None:
        """Take a token without waiting, for what must leave at once: it is owed."""
        self._refilled()
        self._tokens -= 1

    def _refilled(self) -> float:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        return self._tokens
