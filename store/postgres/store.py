"""The store over Postgres."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

from psycopg import AsyncConnection, AsyncRawCursor, Error, IsolationLevel
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from airchat.protocol.errors import Unavailable
from store.announcer import Announcer
from store.errors import NoBackup, TransactionLost
from store.ports.messages import Appended, MessageDraft
from store.ports.store import Access, Advanced, Committed, Result, SchemaStatus
from store.ports.unit import Unit
from store.postgres.connection import NAME, Connection, check_login, connect, owner_refusal, set_up, take_role
from store.postgres.lane import Lane
from store.postgres.leads import lead
from store.postgres.notices import Notices
from store.postgres.session import PostgresSession
from store.sql.nouns.search import POSTGRES
from store.sql.nouns.sheet import Sheet
from store.sql.queries import load_queries
from store.sql.schema import load_migrations, migrate, schema_status
from store.sql.unit import SqlUnit
from store.writer import Writer

READERS = 8
WAIT_SECONDS = 5.0
QUERIES = {name: text.encode() for name, text in load_queries("postgres").items()}


class PostgresStore:
    """Implements `store.ports.store.Store` over a database that several processes may share.

    Args:
        url: The login for day-to-day work; it must be allowed to take the role `airchat_agent_api`.
        registrar_url: The login for registration, allowed to take `airchat_registrar`; the same one by default.
        owner_url: The login that owns the schema and migrates it; `url` by default.
        readers: How many connections read at most, per access.
    """

    def __init__(
        self, url: str, *, registrar_url: str | None = None, owner_url: str | None = None, readers: int = READERS
    ) -> None:
        self._url = url
        self._owner_url = owner_url or url
        self._announcer = Announcer()
        self._urls: dict[Access, str] = {"api": url, "registration": registrar_url or url}
        node = uuid.uuid4().hex
        self._lanes = {
            access: Lane(where, access, QUERIES, node, self._announcer) for access, where in self._urls.items()
        }
        self._writers = {access: Writer(lane.run, self._announcer) for access, lane in self._lanes.items()}
        self._pools = {
            "api": _pool(self._urls["api"], "api", 1, readers),
            "registration": _pool(self._urls["registration"], "registration", 0, 2),
        }
        self._notices = Notices(url, QUERIES, node, self._announcer)

    def lead(self, name: str) -> AbstractAsyncContextManager[None]:
        """See the port."""
        return lead(self._url, QUERIES, name)

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        """See the port."""
        self._announcer.listen(committed, advanced)

    async def open(self) -> None:
        """See the port. The role for migrations is the owner's; a login that may not migrate needs nothing pending."""
        try:
            async with await connect(self._owner_url) as connection:
                await self._migrate(connection)
        except Error as error:
            raise owner_refusal(error) from error
        await self._check_logins()
        for pool in self._pools.values():
            await pool.open()
        async with self.read() as unit:
            self._announcer.head = await unit.events.head()
        for writer in self._writers.values():
            writer.start()
        self._notices.start()

    async def close(self) -> None:
        """See the port."""
        for writer in self._writers.values():
            await writer.close()
        await self._notices.close()
        for pool in self._pools.values():
            await pool.close()
        for lane in self._lanes.values():
            await lane.close()

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        return sum(writer.waiting for writer in self._writers.values())

    @asynccontextmanager
    async def read(self, access: Access = "api") -> AsyncIterator[Unit]:
        """See the port."""
        try:
            async with self._pools[access].connection() as connection:
                yield SqlUnit(PostgresSession(connection, QUERIES), POSTGRES)
        except TransactionLost as error:
            # Where one connection is dead, the idle ones are too: replace them before somebody gets one.
            await self._pools[access].check()
            raise Unavailable from error
        except (PoolTimeout, PoolClosed) as error:
            raise Unavailable from error

    async def look_up(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """See the port. The pool's connections take more at a time than a snapshot for many would."""
        async with self.read(access) as unit:
            return await work(unit)

    async def write(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """See the port."""
        return cast("Result", await self._writers[access].submit(work))

    async def append(self, draft: MessageDraft) -> Appended:
        """See the port."""
        return cast("Appended", await self._writers["api"].submit(Sheet(draft)))

    async def status(self) -> SchemaStatus:
        """Return how far the schema is, without changing anything; it may be asked before `open`."""
        try:
            async with await connect(self._owner_url) as connection:
                migrations = await asyncio.to_thread(load_migrations, "postgres")
                status = await schema_status(PostgresSession(connection, QUERIES), migrations)
        except Error as error:
            raise owner_refusal(error) from error
        if status.current:  # the first migration makes the roles
            await self._check_logins()
        return status

    async def backup(self, target: Path) -> None:
        """See the port."""
        raise NoBackup(
            "Back up Postgres with pg_dump, and the state directory after it, for instance: "
            f"pg_dump --schema=airchat --file={target.parent}.sql DATABASE"
        )

    async def _check_logins(self) -> None:
        """Take each role once: what keeps a login from it would else be told to whoever registers first."""
        for access, url in self._urls.items():
            await check_login(url, access)

    async def _migrate(self, connection: Connection) -> None:
        migrations = await asyncio.to_thread(load_migrations, "postgres")
        session = PostgresSession(connection, QUERIES)
        async with connection.transaction():
            await session.fetch("log.lock")
            if (await schema_status(session, migrations)).pending:
                await session.execute("schema.make")
                await migrate(session, migrations, time.time_ns() // 1000)


def _pool(url: str, access: Access, least: int, most: int) -> AsyncConnectionPool[Connection]:
    async def configure(connection: AsyncConnection[Any]) -> None:
        await connection.set_autocommit(True)
        await set_up(connection)
        await take_role(connection, access)
        await connection.set_autocommit(False)
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)

    return AsyncConnectionPool(
        url,
        connection_class=Connection,
        kwargs={"row_factory": dict_row, "cursor_factory": AsyncRawCursor, "application_name": NAME},
        configure=configure,
        min_size=least,
        max_size=most,
        timeout=WAIT_SECONDS,
        open=False,
        name=f"store readers ({access})",
    )
