"""Hears of other processes' commits: one listening connection, and a slow look at the log as a safety net."""

import asyncio
import logging
from contextlib import suppress

from psycopg import Error
from psycopg.pq.abc import PGconn

from store.announcer import Announcer
from store.errors import TransactionLost
from store.postgres.connection import Connection, connect, take_role
from store.postgres.session import PostgresSession

POLL_SECONDS = 1.0
RECONNECT_SECONDS = (0.1, 0.5, 1.0, 2.0)

_log = logging.getLogger(__name__)


class Notices:
    """A task that announces how far others moved the log."""

    def __init__(self, url: str, queries: dict[str, bytes], node: str, announcer: Announcer) -> None:
        self._url = url
        self._queries = queries
        self._node = node
        self._announcer = announcer
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._repeat(), name="store notices")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _repeat(self) -> None:
        attempt = 0
        while True:
            try:
                async with await connect(self._url) as connection:
                    await take_role(connection, "api")
                    attempt = 0
                    await self._listen(connection)
            except (Error, TransactionLost) as error:
                _log.warning("lost the server's notifications: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS[min(attempt, len(RECONNECT_SECONDS) - 1)])
            attempt += 1

    async def _listen(self, connection: Connection) -> None:
        session = PostgresSession(connection, self._queries)
        connection.add_notify_handler(lambda notice: self._take(notice.payload))  # what comes while it looks
        await session.execute("log.listen")
        while True:
            await self._look(session)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._hear(connection.pgconn)

    async def _hear(self, connection: PGconn) -> None:
        """Take what is notified. The driver's own way waits anew for each, which is a tenth of a busy hub's work."""
        loop, socket = asyncio.get_running_loop(), connection.socket  # which a lost connection has none of
        lost: asyncio.Future[None] = loop.create_future()

        def read() -> None:
            try:
                connection.consume_input()
                while (notice := connection.notifies()) is not None:
                    self._take(notice.extra.decode())
            except Error as error:
                loop.remove_reader(socket)
                lost.set_exception(error)

        loop.add_reader(socket, read)
        read()  # what came right behind the last answer
        try:
            await lost
        finally:
            loop.remove_reader(socket)

    def _take(self, payload: str) -> None:
        node, _, head = payload.partition(" ")
        if node != self._node:
            with suppress(ValueError):
                self._announcer.seen(int(head))

    async def _look(self, session: PostgresSession) -> None:
        async with self._announcer.lock:
            row = await session.fetch_one("events.head")
            if row is not None:
                self._announcer.seen(row["seq"])
