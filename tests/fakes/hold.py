"""A hold: something a client asked for is kept waiting, for as long as a test needs to end the client."""

import asyncio


class Hold:
    """What is kept waiting. `reached` once it came; after `release` the connection ends without an answer."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

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

    async def keep(self) -> None:
        """Say that it came, and wait until it is let go of."""
        self.reach()
        await self._released.wait()
