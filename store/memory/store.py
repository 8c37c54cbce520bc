"""The in-memory store: units of work one after the other, undone alone when they fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from airchat.protocol.events import Event
from store.errors import NoBackup
from store.memory.tables import Tables
from store.memory.unit import MemoryUnit
from store.ports.messages import Appended, MessageDraft
from store.ports.store import Access, Advanced, Committed, SchemaStatus
from store.ports.unit import Unit

Result = TypeVar("Result")


class MemoryStore:
    """A store that forgets everything with its process. It knows no rights: `access` changes nothing."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._committed: Committed = _nobody
        self._leads: dict[str, asyncio.Lock] = {}

    async def status(self) -> SchemaStatus:
        """There is no schema."""
        return SchemaStatus(0, 0, ())

    async def backup(self, target: Path) -> None:
        """There is nothing that outlives the process."""
        raise NoBackup(f"What is kept in memory cannot be written to {target}")

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        """Name who is told of commits; no other process can move this log."""
        self._committed = committed

    @asynccontextmanager
    async def lead(self, name: str) -> AsyncIterator[None]:
        """Hold the name alone among the users of this object; it cannot be lost."""
        async with self._leads.setdefault(name, asyncio.Lock()):
            yield

    async def open(self) -> None:
        """Do nothing: there is nothing to connect to."""

    async def close(self) -> None:
        """Do nothing: every accepted unit of work is finished already."""

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        return 0  # each write is done at once

    def read(self, access: Access = "api") -> AbstractAsyncContextManager[Unit]:
        """Give a snapshot: a later unit of work changes a copy of the tables instead."""
        return self._snapshot()

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Unit]:
        tables = self._tables
        tables.readers += 1
        try:
            yield MemoryUnit(tables)
        finally:
            tables.readers -= 1

    async def look_up(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """Run the reads to their end without giving way."""
        async with self._snapshot() as unit:
            return _run(work(unit))

    async def write(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """Run the use-case to its end without giving way, then tell of its events."""
        if self._tables.readers:
            self._tables = self._tables.copy()
        tables = self._tables
        head = len(tables.events)
        with tables.journal.savepoint():
            result = _run(work(MemoryUnit(tables)))
        if len(tables.events) > head:
            self._committed([tables.events[seq] for seq in range(head + 1, len(tables.events) + 1)])
        return result

    async def append(self, draft: MessageDraft) -> Appended:
        """Write a message."""

        async def work(unit: Unit) -> Appended:
            return (await unit.messages.append([draft]))[0]

        return await self.write(work)


def _run(work: Awaitable[Result]) -> Result:
    """Drive the coroutine to its end, here and now."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as done:
        result: Result = done.value
        return result
    steps.close()
    raise RuntimeError("a unit of work awaited something else than its unit")


def _nobody(events: list[Event]) -> None:
    """Stand in for a listener that was never named."""
