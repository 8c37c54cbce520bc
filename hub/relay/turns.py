"""Turns: what can be done only one at a time, and only so often; what presses goes first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

Pressing = Callable[[], bool]
"""Tells, whenever it is asked, whether somebody waits for what is to be done."""


def never() -> bool:
    """Say that nobody waits."""
    return False


class Turns:
    """Who comes first goes first, but for what presses. `ready` returns when the next turn may begin, and counts it."""

    def __init__(self, ready: Callable[[], Awaitable[None]]) -> None:
        self._ready = ready
        self._ready_for_next = False
        self._taken = False
        self._numbers = count()
        self._waiting: dict[int, tuple[Pressing, asyncio.Future[None]]] = {}

    @property
    def taken(self) -> bool:
        """Whether it is somebody's turn now."""
        return self._taken

    @asynccontextmanager
    async def take(self, pressing: Pressing = never) -> AsyncIterator[None]:
        """Wait for a turn, and have it until the end; what began to press meanwhile goes before what does not."""
        number = next(self._numbers)
        while True:
            await self._enter(number, pressing)
            try:
                if not self._ready_for_next:
                    await self._ready()
                    self._ready_for_next = True
                if pressing() or not any(presses() for presses, _ in self._waiting.values()):
                    self._ready_for_next = False
                    yield
                    return
            finally:
                self._pass_on()

    async def _enter(self, number: int, pressing: Pressing) -> None:
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[number] = pressing, turn
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting.pop(number, None)
            if not turn.cancelled():
                self._pass_on()  # it was given in the same moment
            raise

    def _pass_on(self) -> None:
        self._taken = False
        while self._waiting and not self._taken:
            first = min(self._waiting, key=lambda number: (not self._waiting[number][0](), number))
            turn = self._waiting.pop(first)[1]
            if not turn.cancelled():  # who waited for it does not know yet that it was ended
                turn.set_result(None)
                self._taken = True
