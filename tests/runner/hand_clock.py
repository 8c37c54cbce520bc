"""A clock that is moved by hand: what waits for it goes on when its time has come, in order."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from tests.waiting import SECONDS

SETTLE_ROUNDS = 20

T = TypeVar("T")


class HandClock:
    """`advance` moves it, `set` only what it shows. Waiting for an event goes on when that comes, as on any clock."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._set_by = 0.0
        self._waits: list[tuple[float, int, asyncio.Future[object]]] = []
        self._order = count()

    def now(self) -> float:
        return self._now + self._set_by

    def steady(self) -> float:
        return self._now

    def set(self, seconds: float) -> None:
        """Set the time that it shows ahead, or back."""
        self._set_by += seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._timer(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        coming: asyncio.Future[object] = asyncio.ensure_future(event.wait())
        timer: asyncio.Future[object] = asyncio.ensure_future(self._timer(seconds))
        try:
            await asyncio.wait([coming, timer], return_when=asyncio.FIRST_COMPLETED)
        finally:
            coming.cancel()
            timer.cancel()
        return event.is_set()

    async def advance(self, seconds: float) -> None:
        """Move on, and let whatever that wakes do its work between one moment and the next."""
        await settle()
        end = self._now + seconds
        while self._waits and self._waits[0][0] <= end:
            moment, _, timer = heapq.heappop(self._waits)
            if timer.done():
                continue
            self._now = max(self._now, moment)
            timer.set_result(None)
            await settle()
        self._now = end
        await settle()

    async def run_until(self, condition: Callable[[], T], step: float = 1.0) -> T:
        """Move on step by step, leaving sockets the time they need, until the condition is true; give its value."""
        async with asyncio.timeout(SECONDS):
            while not (value := condition()):
                await self.advance(step)
                await asyncio.sleep(0.002)
        return value

    def _timer(self, seconds: float) -> asyncio.Future[object]:
        timer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waits, (self._now + seconds, next(self._order), timer))
        return timer


async def settle(rounds: int = SETTLE_ROUNDS) -> None:
    """Let tasks that are ready run."""
    for _ in range(rounds):
        await asyncio.sleep(0)
