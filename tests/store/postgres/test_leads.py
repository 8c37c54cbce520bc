import asyncio

import psycopg
import pytest

from store.errors import LeadLost
from store.open import open_store
from tests.waiting import SECONDS

HOLDERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def test_lost_session_cancels_the_body_and_lets_another_hub_lead(postgres_url: str) -> None:
    one, other = open_store(postgres_url), open_store(postgres_url)
    await one.open()
    await other.open()
    entered, cancelled, second = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        async with one.lead("relay"):
            entered.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    async def follow() -> None:
        async with other.lead("relay"):
            second.set()

    leading = asyncio.create_task(lead())
    await asyncio.wait_for(entered.wait(), 10)
    following = asyncio.create_task(follow())
    await asyncio.sleep(1.5)
    assert not second.is_set()
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
        await connection.execute(HOLDERS)
    with pytest.raises(LeadLost):
        await asyncio.wait_for(leading, SECONDS)
    assert cancelled.is_set()
    await asyncio.wait_for(following, SECONDS)
    await one.close()
    await other.close()
