"""Time, as far as the runner waits for it: the system's, or in tests one that is moved by hand."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting. Seconds throughout; moments are Unix time."""

    def now(self) -> float:
        """Return the present moment."""
        ...

    def steady(self) -> float:
        """Return the seconds since some moment: for what is measured, as they go on evenly when the clock is set."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long; tells whether it came."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the present moment."""
        return time.time()

    def steady(self) -> float:
        """Return the seconds since some moment."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long; tells whether it came."""
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
