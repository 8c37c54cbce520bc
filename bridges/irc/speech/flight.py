"""What a session has begun and not waited for: messages on their way into the hub, in order, a bounded number."""

import asyncio
from collections.abc import Coroutine
from typing import Any

_MOST = 64


class Flight:
    """Work that began in order; it ends in that order too, because the hub commits in the order in which it is asked.

    What begins must not raise.
    """

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin the work; wait for the oldest when there is too much under way."""
        tasks = self._tasks
        while tasks and tasks[0].done():
            tasks.pop(0)
        if len(tasks) >= _MOST:
            await asyncio.wait((tasks[0],))
        tasks.append(asyncio.create_task(work))

    async def landed(self) -> None:
        """Wait for all that is under way."""
        while self._tasks:
            await asyncio.wait((self._tasks[0],))
            self._tasks.pop(0)
