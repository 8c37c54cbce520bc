"""What a session has begun and not waited for: messages on their way into the hub, in order, a bounded number."""

import asyncio
from collections.abc import Coroutine
from typing import Any

_MOST = 64


class Flight:
    """Work that began in order; it ends in that order too, because the hub commits in the order in which it is asked.

    What begins must not raise; when it is `full`, wait for `room` first.
    """

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def full(self) -> bool:
        """Whether as much is under way as may be."""
        return self._under_way() >= _MOST

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return self._under_way() == 0

    def _under_way(self) -> int:
        tasks = self._tasks
        while tasks and tasks[0].done():
            tasks.pop(0)
        return len(tasks)

    async def room(self) -> None:
        """Wait until more may begin."""
        while self.full:
            await asyncio.wait((self._tasks[0],))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin the work."""
        self._tasks.append(asyncio.create_task(work))

    async def landed(self) -> None:
        """Wait for all that is under way."""
        while self._tasks:
            await asyncio.wait((self._tasks[0],))
            self._tasks.pop(0)
