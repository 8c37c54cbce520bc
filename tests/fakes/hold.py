"""A hold: something a client asked for is kept waiting, for as long as a test needs."""

import asyncio
from collections.abc import Callable


class Hold:
    """What is kept waiting. `reached` once it came; after `release` the connection ends without an answer."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()
        self._then: Callable[[], None] | None = None

    @property
    def reached(self) -> bool:
        """Whether it came."""
        return self._reached.is_set()

    def reach(self) -> None:
        """Say that it came."""
        self._reached.set()

    def release(self) -> None:
        """Let go of it."""
        self._released.set()
        if self._then is not None:
            self._then()

    def then(self, action: Callable[[], None]) -> None:
        """Say that it came, and have something done once it is let go of."""
        self.reach()
        self._then = action

    async def keep(self) -> None:
        """Say that it came, and wait until it is let go of."""
        self.reach()
        await self._released.wait()
