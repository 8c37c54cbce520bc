"""Reading connections: a small pool, each giving one snapshot at a time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from airchat.protocol.errors import Unavailable
from store.errors import ReadOnly, TransactionLost
from store.sql.nouns.search import SQLITE
from store.sql.unit import SqlUnit
from store.sqlite.connection import READER, translated


class SnapshotConnection(sqlite3.Connection):
    """Begins a transaction with what is executed outside one, so that this costs no hop of its own to the thread."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Execute one statement within a transaction."""
        if not self.in_transaction:
            super().execute("BEGIN")
        return super().execute(sql, parameters)


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
    """The pool. Who finds all connections in use waits for one."""

    def __init__(self, path: Path, queries: dict[str, str], size: int) -> None:
        self._path = path
        self._queries = queries
        self._size = size
        self._connections: list[aiosqlite.Connection] = []
        self._endings: set[asyncio.Task[None]] = set()
        self._idle: asyncio.LifoQueue[tuple[aiosqlite.Connection, SqlUnit]] = asyncio.LifoQueue()

    async def open(self) -> None:
        """Connect."""
        for _ in range(self._size):
            connection = await aiosqlite.connect(
                self._path, isolation_level=None, cached_statements=256, factory=SnapshotConnection
            )
            self._connections.append(connection)
            connection.row_factory = sqlite3.Row
            await connection.executescript(";".join(READER))
            self._idle.put_nowait((connection, SqlUnit(ReaderSession(connection, self._queries), SQLITE)))

    async def close(self) -> None:
        """Disconnect."""
        await asyncio.gather(*self._endings, return_exceptions=True)
        for connection in self._connections:
            await connection.close()
        self._connections.clear()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqlUnit]:
        """Give a unit of work whose reads all see one state of the data."""
        connection, unit = await self._idle.get()
        try:
            yield unit
        except TransactionLost as error:
            raise Unavailable from error
        finally:
            # The caller need not wait for the snapshot's end, and does not interrupt it when cancelled.
            ending = asyncio.create_task(self._give_back(connection, unit), name="store reader")
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    async def _give_back(self, connection: aiosqlite.Connection, unit: SqlUnit) -> None:
        # In the connection's thread, behind a query whose caller was cancelled; nothing happens outside a transaction.
        await connection.rollback()
        self._idle.put_nowait((connection, unit))
