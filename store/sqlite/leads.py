"""Leads over SQLite: a name is held by an exclusive lock on a file of its own, which ends with its process."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

RETRY_SECONDS = 0.5


@asynccontextmanager
async def lead(path: Path, name: str) -> AsyncIterator[None]:
    """Hold `name` among the processes that share the database at `path`. The lock cannot be lost within the body."""
    file = path.with_name(f"{path.name}.{name}.lead")
    while (lock := await _acquired(file)) is None:  # noqa: ASYNC110 - the file cannot tell when it is free
        await asyncio.sleep(RETRY_SECONDS)
    try:
        yield
    finally:
        await asyncio.shield(asyncio.to_thread(lock.close))


async def _acquired(file: Path) -> sqlite3.Connection | None:
    """Try to lock; a lock that comes when nobody waits for it any more is let go."""
    trying = asyncio.ensure_future(asyncio.to_thread(_try, file))
    try:
        return await asyncio.shield(trying)
    except asyncio.CancelledError:
        trying.add_done_callback(_let_go)
        raise


def _let_go(trying: "asyncio.Future[sqlite3.Connection | None]") -> None:
    lock = None if trying.cancelled() else trying.result()
    if lock is not None:
        lock.close()


def _try(file: Path) -> sqlite3.Connection | None:
    """Return a connection that holds the lock; None while another one does."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        return None
    return connection
