"""The writing thread: owns the writer's connection and drives whole batches in it (see `store.thread`)."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any, cast

from airchat.protocol.events import Event
from store.batch import Job, Report, Work, run_batch
from store.errors import TransactionLost
from store.ports.messages import Appended
from store.sql.nouns.search import SQLITE
from store.sql.nouns.sheet import Sheet
from store.sql.unit import SqlUnit
from store.sqlite.connection import connect, translated
from store.thread import Returned, drive, run_batches
from store.writer import Settle, Take

_EXACT = 16
"""So many rows at most are written by a statement of their own number."""


class SqliteSession:
    """Implements `store.sql.session.Session` and `SchemaSession` over a connection of this thread."""

    def __init__(self, connection: sqlite3.Connection, queries: dict[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    async def fetch(self, query: str, *arguments: object) -> list[sqlite3.Row]:
        """See the protocol."""
        return self.run(self._queries[query], arguments).fetchall()

    async def fetch_one(self, query: str, *arguments: object) -> sqlite3.Row | None:
        """See the protocol."""
        rows = self.run(self._queries[query], arguments).fetchall()
        return rows[0] if rows else None

    async def execute(self, query: str, *arguments: object) -> int:
        """See the protocol."""
        return self.run(self._queries[query], arguments).rowcount

    async def execute_rows(self, query: str, rows: Sequence[Sequence[object]]) -> None:
        """See the protocol. Rows of nothing but NULL may follow, so that few statements have to be prepared."""
        size = _room(len(rows))
        empty = repeat(None, len(rows[0]) * (size - len(rows)))
        self.run(f"{self._queries[query]} {_brackets(len(rows[0]), size)}", [*chain.from_iterable(rows), *empty])

    async def script(self, sql: str) -> None:
        """Run statements one by one, within the transaction; a statement ends at the end of a line."""
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self.run(statement)
                statement = ""

    def run(self, sql: str, arguments: Sequence[object] = ()) -> sqlite3.Cursor:
        """Execute one statement."""
        try:
            return self._connection.execute(sql, cast("Any", arguments))
        except sqlite3.Error as error:
            raise translated(error) from error


def _room(rows: int) -> int:
    """Return how many rows the statement has that takes so many: from 16 on a power of two, or half as many more."""
    if rows <= _EXACT:
        return rows
    power = 1 << (rows - 1).bit_length()
    return power * 3 // 4 if rows <= power * 3 // 4 else power


@lru_cache(maxsize=256)
def _brackets(width: int, rows: int) -> str:
    """Return the arguments behind a `VALUES`."""
    return ", ".join([f"({', '.join('?' * width)})"] * rows)


class SqliteTransaction:
    """Implements `store.batch.Transaction`."""

    def __init__(self, connection: sqlite3.Connection, queries: dict[str, str]) -> None:
        self.session = SqliteSession(connection, queries)
        self.unit = SqlUnit(self.session, SQLITE)
        self.logged: list[Event] = self.unit.logged

    async def begin(self) -> None:
        """See the protocol."""
        self.logged.clear()
        self.unit.messages.forget()
        self.session.run("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        """See the protocol."""
        self.session.run("COMMIT")

    async def rollback(self) -> None:
        """See the protocol. SQLite may have rolled back by itself."""
        with suppress(Exception):
            self.session.run("ROLLBACK")

    async def alone(self, messages: Sequence[Sheet]) -> Report | None:
        """See the protocol. Whatever is wrong with a draft, or was written by others, is found out the usual way."""
        try:
            return await self.unit.messages.append_alone(messages, self._write)
        except TransactionLost:
            await self.rollback()
            raise
        except Exception:  # noqa: BLE001 - nothing was done
            return None

    async def _write(self, rows: Sequence[Sequence[object]], _known: int) -> None:
        """Write and commit: a statement outside of a transaction is one by itself, and looks at the head in the row."""
        await self.session.execute_rows("append.write", rows)

    async def append(self, messages: Sequence[Sheet]) -> list[Appended]:
        """See the protocol."""
        return await self.unit.messages.append_sheets(messages)

    async def savepoint(self) -> None:
        """See the protocol."""
        self.session.run("SAVEPOINT work")

    async def release(self) -> None:
        """See the protocol."""
        self.session.run("RELEASE work")

    async def undo(self) -> None:
        """See the protocol."""
        self.session.run("ROLLBACK TO work")
        self.session.run("RELEASE work")

    async def run(self, work: Work) -> Any:
        """See the protocol."""
        return drive(cast("Coroutine[Any, Any, Any]", work(self.unit)))


class WriterThread:
    """A thread with its connection; `call` runs functions in it, one after the other."""

    def __init__(self, path: Path, queries: dict[str, str]) -> None:
        self._path = path
        self._queries = queries
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> SqliteTransaction:
        """Connect, and return the transaction that all batches use in turn.

        Raises:
            TransactionLost: the file cannot be used as a database.
        """
        try:
            self._connection = await self.call(self._connect)
        except sqlite3.Error as error:
            raise translated(error) from error
        return SqliteTransaction(self._connection, self._queries)

    def run(self, transaction: SqliteTransaction, take: Take, settle: Settle) -> asyncio.Future[None]:
        """Run batches of the writer until there are no more; functions that are called meanwhile come behind them."""

        def run(jobs: Sequence[Job]) -> Report:
            return drive(run_batch(transaction, jobs))

        return run_batches(self._executor, run, take, settle)

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self._path)
        for made in ("batch.view", "batch.write", "batch.address"):
            connection.execute(self._queries[made])
        return connection

    async def call(self, function: Callable[[], Returned]) -> Returned:
        """Run the function in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, function)

    async def close(self) -> None:
        """Close the connection and end the thread."""
        if self._connection is not None:
            await self.call(self._connection.close)
            self._connection = None
        self._executor.shutdown(wait=False)
