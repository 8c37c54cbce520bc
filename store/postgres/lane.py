"""A writing connection: runs batches in one role, and comes back after the server was lost."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

from psycopg import Error
from psycopg.errors import DivisionByZero

from airchat.protocol.events import Event
from store.announcer import Announcer
from store.batch import Job, Report, Work, run_batch
from store.errors import TransactionLost
from store.ports.messages import Appended
from store.ports.store import Access
from store.postgres.connection import WriterConnection, connect_writer
from store.postgres.session import WriterSession
from store.sql.nouns.search import POSTGRES
from store.sql.nouns.sheet import Sheet
from store.sql.session import rows_json
from store.sql.unit import SqlUnit
from store.thread import drive, run_batches
from store.writer import Settle, Take

_CROWDED = 64
"""For so many batches nothing is taken for known after another process has written to the log."""

_IDLE_SECONDS = 1.0
"""A connection that was used since is taken to be alive."""


class PostgresTransaction:
    """Implements `store.batch.Transaction`. `node` signs the notification of a commit."""

    def __init__(self, connection: WriterConnection, queries: dict[str, bytes], node: str) -> None:
        self._session = WriterSession(connection, queries)
        self._queries = queries
        self._node = node
        self.begun = False
        self._crowded = 0
        self._used = 0.0
        self.unit = SqlUnit(self._session, POSTGRES)
        self.logged: list[Event] = self.unit.logged

    async def begin(self) -> None:
        """See the protocol. Every writer of every process waits here for the one before it to have committed."""
        self.logged.clear()
        self.unit.messages.forget()
        self.begun = False
        await self._session.execute("log.begin")
        self.begun = True

    async def commit(self) -> None:
        """See the protocol. Tells the other processes of the new head, once."""
        if self.logged:
            await self._session.fetch("log.notify", f"{self._node} {self.logged[-1].seq}")
        self._session.run(b"COMMIT")

    async def rollback(self) -> None:
        """See the protocol."""
        with suppress(Exception):
            self._session.run(b"ROLLBACK")

    async def alone(self, messages: Sequence[Sheet]) -> Report | None:
        """See the protocol. Where other processes keep moving the log, it is left alone for a while.

        Whatever is wrong with a draft, or was written by others, is found out the usual way.
        """
        self.begun = False
        self._crowded = max(0, self._crowded - 1)
        if self._crowded or any(sheet.draft.parent_id is not None for sheet in messages):
            return None
        try:
            return await self.unit.messages.append_alone(messages, self._write)
        except TransactionLost:
            await self.rollback()
            raise
        except Exception:  # noqa: BLE001 - nothing was done
            await self.rollback()
            return None

    async def _write(self, rows: Sequence[Sequence[object]], known: int) -> None:
        """Write and commit in one round trip, and another one to see that the connection lives if it was idle."""
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self._session.run(b"SELECT 1")
        self.begun = True
        try:
            self._session.run_all(
                (b"BEGIN", ()),
                (self._queries["log.lock"], ()),
                (self._queries["append.alone"], (rows_json(rows), f"{self._node} {known + len(rows)}")),
                (b"COMMIT", ()),
            )
        except DivisionByZero:
            self._crowded = _CROWDED
            raise
        self._used = time.monotonic()

    async def append(self, messages: Sequence[Sheet]) -> list[Appended]:
        """See the protocol."""
        return await self.unit.messages.append_sheets(messages)

    async def savepoint(self) -> None:
        """See the protocol."""
        self._session.run(b"SAVEPOINT work")

    async def release(self) -> None:
        """See the protocol."""
        self._session.run(b"RELEASE work")

    async def undo(self) -> None:
        """See the protocol."""
        self._session.run(b"ROLLBACK TO work; RELEASE work")

    async def run(self, work: Work) -> Any:
        """See the protocol."""
        return drive(cast("Coroutine[Any, Any, Any]", work(self.unit)))


class Lane:
    """A thread that connects when there is something to write, and anew after a failure."""

    def __init__(self, url: str, access: Access, queries: dict[str, bytes], node: str, announcer: Announcer) -> None:
        self._url = url
        self._access = access
        self._queries = queries
        self._node = node
        self._announcer = announcer
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"postgres-writer-{access}")
        self._connection: WriterConnection | None = None
        self._transaction: PostgresTransaction | None = None

    async def run(self, take: Take, settle: Settle) -> None:
        """Run batches of the writer until there are no more."""
        async with self._announcer.lock:
            await run_batches(self._executor, self._run_batch, take, settle)

    async def close(self) -> None:
        """Disconnect and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._disconnect)
        self._executor.shutdown(wait=False)

    def _run_batch(self, jobs: Sequence[Job]) -> Report:
        """Run a batch. A connection that turns out to be dead before anything was done is replaced once."""
        transaction = self._transaction or self._connect()
        try:
            return drive(run_batch(transaction, jobs))
        except TransactionLost:
            if transaction.begun:
                raise
            self._disconnect()
            return drive(run_batch(self._connect(), jobs))
        finally:
            if self._connection is not None and (self._connection.closed or self._connection.broken):
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._transaction = self._connection, None, None
        if connection is not None:
            connection.close()

    def _connect(self) -> PostgresTransaction:
        try:
            connection = connect_writer(self._url, self._access)
        except Error as error:
            raise TransactionLost(str(error)) from error
        self._connection = connection
        self._transaction = PostgresTransaction(connection, self._queries, self._node)
        return self._transaction
