"""Reading connections: a small pool, each giving one snapshot at a time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from airchat.protocol.errors import Unavailable
from store.errors import ReadOnly, TransactionLost
from store.sql.nouns.search import SQLITE
from store.sql.unit import SqlUnit
from store.sqlite.connection import READER, translated

_LINGER_SECONDS = 0.05


class SnapshotConnection(sqlite3.Connection):
    """Begins a snapshot by itself with the first statement after `fresh` was set, and so spares hops to its thread."""

    fresh = True

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Execute one statement within the snapshot."""
        if self.fresh:
            self.fresh = False
            self.rollback()
            super().execute("BEGIN")
        return super().execute(sql, parameters)


@dataclass(slots=True)
class Reader:
    """A connection of the pool; `ended` when it surely holds no snapshot."""

    snapshots: SnapshotConnection
    connection: aiosqlite.Connection
    unit: SqlUnit
    ended: bool = True


class ReaderSession:
    """Implements `store.sql.session.Session` over a connection that may only read."""

    def __init__(self, connection: aiosqlite.Connection, queries: dict[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    async def fetch(self, query: str, *arguments: object) -> list[sqlite3.Row]:
        """See the protocol."""
        try:
            return list(await self._connection.execute_fetchall(self._queries[query], arguments))
        except sqlite3.Error as error:
            raise translated(error) from error

    async def fetch_one(self, query: str, *arguments: object) -> sqlite3.Row | None:
        """See the protocol."""
        rows = await self.fetch(query, *arguments)
        return rows[0] if rows else None

    async def execute(self, query: str, *arguments: object) -> int:
        """Refuse: every query that is executed for its effect writes."""
        raise ReadOnly(f"{query} writes, and this unit of work only reads.")

    async def execute_rows(self, query: str, rows: Sequence[Sequence[object]]) -> None:
        """Refuse."""
        await self.execute(query)


class Readers:
    """The pool. Who finds all connections in use waits for one.

    A snapshot ends with the next one of its connection, or soon after nobody needed one: an old snapshot would keep the
    write-ahead log from being emptied.
    """

    def __init__(self, path: Path, queries: dict[str, str], size: int) -> None:
        self._path = path
        self._queries = queries
        self._size = size
        self._all: list[Reader] = []
        self._idle: asyncio.LifoQueue[Reader] = asyncio.LifoQueue()
        self._sweep: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect."""
        for _ in range(self._size):
            reader = await self._connect()
            self._all.append(reader)
            self._idle.put_nowait(reader)

    async def close(self) -> None:
        """Disconnect."""
        if self._sweep is not None:
            self._sweep.cancel()
        if self._sweeping is not None:
            await self._sweeping
        for reader in self._all:
            await reader.connection.close()
        self._all.clear()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqlUnit]:
        """Give a unit of work whose reads all see one state of the data."""
        reader = await self._idle.get()
        # A query whose caller was cancelled may still come first, and then begins the snapshot: it is new enough.
        reader.snapshots.fresh, reader.ended = True, False
        try:
            yield reader.unit
        except TransactionLost as error:
            raise Unavailable from error
        finally:
            self._idle.put_nowait(reader)
            if self._sweep is None:
                self._sweep = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._start_sweep)

    async def _connect(self) -> Reader:
        made: list[SnapshotConnection] = []

        def make(*arguments: Any, **settings: Any) -> SnapshotConnection:
            made.append(SnapshotConnection(*arguments, **settings))
            return made[0]

        connection = await aiosqlite.connect(self._path, isolation_level=None, cached_statements=256, factory=make)
        connection.row_factory = sqlite3.Row
        await connection.executescript(";".join(READER))
        return Reader(made[0], connection, SqlUnit(ReaderSession(connection, self._queries), SQLITE))

    def _start_sweep(self) -> None:
        self._sweep = None
        self._sweeping = asyncio.create_task(self._end_idle(), name="store readers")

    async def _end_idle(self) -> None:
        """End the snapshots of the connections that nobody uses now."""
        idle = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for reader in reversed(idle):
            if not reader.ended:
                await reader.connection.rollback()
                reader.ended = True
            self._idle.put_nowait(reader)
