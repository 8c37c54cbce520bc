"""The store over SQLite."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, closing, suppress
from functools import partial
from pathlib import Path
from typing import cast

from store.announcer import Announcer
from store.errors import NoBackup, TransactionLost
from store.ports.messages import Appended, MessageDraft
from store.ports.store import Access, Advanced, Committed, Result, SchemaStatus
from store.ports.unit import Unit
from store.sql.nouns.sheet import Sheet
from store.sql.queries import load_queries
from store.sql.schema import load_migrations, migrate, schema_status
from store.sqlite.checkpoints import Checkpoints
from store.sqlite.leads import lead
from store.sqlite.lookups import Lookups
from store.sqlite.readers import Readers
from store.sqlite.thread import SqliteSession, SqliteTransaction, WriterThread
from store.thread import drive
from store.writer import Settle, Take, Writer

POLL_SECONDS = 0.2
READERS = 4
QUERIES = load_queries("sqlite")


class SqliteStore:
    """Implements `store.ports.store.Store` over one file. It knows no rights: every access may do everything."""

    def __init__(self, path: Path, *, readers: int = READERS) -> None:
        self._path = path
        self._announcer = Announcer()
        self._thread = WriterThread(path, QUERIES)
        self._readers = Readers(path, QUERIES, readers)
        self._lookups = Lookups(path, QUERIES)
        self._checkpoints = Checkpoints(path)
        self._writer = Writer(self._run, self._announcer)
        self._transaction: SqliteTransaction | None = None
        self._watch: asyncio.Task[None] | None = None

    def lead(self, name: str) -> AbstractAsyncContextManager[None]:
        """See the port."""
        return lead(self._path, name)

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        """See the port."""
        self._announcer.listen(committed, advanced)

    async def open(self) -> None:
        """See the port. Makes the file and its folder when they are missing."""
        transaction = self._transaction = await self._thread.open()
        try:
            self._announcer.head = await self._thread.call(lambda: drive(_prepare(transaction)))
        except BaseException:
            await self._thread.close()
            raise
        await self._readers.open()
        await self._lookups.open()
        await self._checkpoints.open()
        self._writer.start()
        self._watch = asyncio.create_task(self._watch_others(), name="store watch")

    async def close(self) -> None:
        """See the port."""
        await self._writer.close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        await self._readers.close()
        await self._lookups.close()
        await self._thread.close()
        await self._checkpoints.close()

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        return self._writer.waiting

    def read(self, access: Access = "api") -> AbstractAsyncContextManager[Unit]:
        """See the port."""
        return self._readers.snapshot()

    async def look_up(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """See the port."""
        return cast("Result", await self._lookups.run(work))

    async def write(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """See the port."""
        return cast("Result", await self._writer.submit(work))

    async def append(self, draft: MessageDraft) -> Appended:
        """See the port."""
        return cast("Appended", await self._writer.submit(Sheet(draft)))

    async def status(self) -> SchemaStatus:
        """Return how far the schema is, without changing anything; it may be asked before `open`."""
        return await asyncio.to_thread(self._status)

    async def backup(self, target: Path) -> None:
        """Copy the whole database, as of one moment, to a new file; writers go on meanwhile."""
        await asyncio.to_thread(self._backup, target)

    def _run(self, take: Take, settle: Settle) -> asyncio.Future[None]:
        transaction = self._transaction
        if transaction is None:
            raise RuntimeError("the store is not open")
        return self._thread.run(transaction, take, settle)

    async def _watch_others(self) -> None:
        """Announce what other processes commit to the same file.

        The writer's own thread looks, so that whatever it committed before is announced by then.
        """
        version = 0
        while True:
            await asyncio.sleep(POLL_SECONDS)
            with suppress(TransactionLost):
                version, head = await self._thread.call(partial(self._look, version))
                self._announcer.seen(head)

    def _look(self, known: int) -> tuple[int, int]:
        """Return the data version of other connections, and the log's head if it is not the known one."""
        if self._transaction is None:
            return known, 0
        version = int(self._transaction.session.run("PRAGMA data_version").fetchone()[0])
        return version, 0 if version == known else drive(self._transaction.unit.events.head())

    def _status(self) -> SchemaStatus:
        path = self._path if self._path.exists() else ":memory:"
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            return drive(schema_status(SqliteSession(connection, QUERIES), load_migrations("sqlite")))

    def _backup(self, target: Path) -> None:
        if not self._path.exists():
            raise NoBackup(f"There is no data at {self._path} yet")
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


async def _prepare(transaction: SqliteTransaction) -> int:
    """Bring the schema up to date and return the log's head."""
    await transaction.begin()
    try:
        await migrate(transaction.session, load_migrations("sqlite"), time.time_ns() // 1000)
        head = await transaction.unit.events.head()
        await transaction.commit()
    except BaseException:
        await transaction.rollback()
        raise
    return head
