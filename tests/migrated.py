"""Databases that have their schema already: to make it takes many times as long as most tests need."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from store.open import open_store

GONE_SECONDS = 30.0

KEEP_SEEDS = """
DO $$
DECLARE
    kept TEXT;
BEGIN
    CREATE SCHEMA seeds;
    FOR kept IN SELECT relname FROM pg_class WHERE relnamespace = 'airchat'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TABLE seeds.%1$I AS TABLE airchat.%1$I', kept);
    END LOOP;
END
$$
"""

# Tables refer to older ones only, so that the youngest are emptied first.
EMPTY = """
DO $$
DECLARE
    used TEXT[] := ARRAY(
        SELECT relname FROM pg_class WHERE relnamespace = 'airchat'::regnamespace AND relkind = 'r' ORDER BY oid
    );
BEGIN
    FOR place IN REVERSE cardinality(used)..1 LOOP
        EXECUTE format('DELETE FROM airchat.%I', used[place]);
    END LOOP;
    FOR place IN 1..cardinality(used) LOOP
        EXECUTE format('INSERT INTO airchat.%1$I SELECT * FROM seeds.%1$I', used[place]);
    END LOOP;
END
$$
"""

OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def sqlite_url(path: Path) -> str:
    """Put a database there that holds nothing yet, and return its URL."""
    path.touch(mode=0o600)
    path.write_bytes(_sqlite_file())
    return f"sqlite:///{path}"


def make_postgres(url: str) -> None:
    """Make the schema in an empty database."""
    _migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(KEEP_SEEDS)


def empty_postgres(url: str) -> None:
    """Make such a database hold nothing again, whoever used it and may even still be connected."""
    deadline = time.monotonic() + GONE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(OTHERS).fetchall():
            assert time.monotonic() < deadline, "somebody is still connected"
            time.sleep(0.01)
        connection.execute(EMPTY)


@cache
def _sqlite_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.db"
        _migrate(f"sqlite:///{path}")
        return path.read_bytes()


def _migrate(url: str) -> None:
    """Open the store once, in a thread of its own: a loop may be running in this one."""
    store = open_store(url)
    store.listen(lambda _: None, lambda _: None)

    async def migrate() -> None:
        await store.open()
        await store.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate()).result()
