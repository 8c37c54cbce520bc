"""Leads over Postgres: a name is held by an advisory lock of a session of its own, which the server ends with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg import Error

from store.errors import LeadLost, TransactionLost
from store.postgres.connection import Connection, connect
from store.postgres.session import PostgresSession

RETRY_SECONDS = 0.5
PROBE_SECONDS = 1.0
PATIENCE_SECONDS = 5.0


@asynccontextmanager
async def lead(url: str, queries: dict[str, bytes], name: str) -> AsyncIterator[None]:
    """Hold `name` among the processes that share the database; a server that is away is waited for.

    Raises:
        LeadLost: the session ended within the body, which was cancelled.
    """
    connection = await _take(url, queries, name)
    try:
        # Who held the name before may need a moment to notice that its session is over.
        await asyncio.sleep(PROBE_SECONDS)
        try:
            async with asyncio.TaskGroup() as group:
                probes = group.create_task(_probe(PostgresSession(connection, queries)), name=f"lead {name}")
                yield
                probes.cancel()
        except BaseExceptionGroup as errors:
            raise _only(errors) from None
    finally:
        await asyncio.shield(connection.close())


async def _take(url: str, queries: dict[str, bytes], name: str) -> Connection:
    """Return the connection whose session holds the lock."""
    while True:
        with suppress(Error, TransactionLost):
            connection = await connect(url)
            try:
                while not await _try(connection, queries, name):  # noqa: ASYNC110 - the server cannot tell when it is free
                    await asyncio.sleep(RETRY_SECONDS)
            except BaseException:
                await asyncio.shield(connection.close())
                raise
            return connection
        await asyncio.sleep(RETRY_SECONDS)


async def _try(connection: Connection, queries: dict[str, bytes], name: str) -> bool:
    row = await PostgresSession(connection, queries).fetch_one("lead.try", name)
    return row is not None and bool(row["held"])


async def _probe(session: PostgresSession) -> None:
    """Look again and again whether the session is alive, until it is not."""
    while True:
        await asyncio.sleep(PROBE_SECONDS)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await session.fetch("lead.probe")
        except (Error, TransactionLost, TimeoutError) as error:
            raise LeadLost("the session that held the name is over") from error


def _only(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what happened without the group: the body's own error, else the loss."""
    return next((it for it in errors.exceptions if not isinstance(it, LeadLost)), errors.exceptions[0])
