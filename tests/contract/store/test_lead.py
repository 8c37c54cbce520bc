import asyncio

import pytest

from store.ports.store import Store
from tests.waiting import SECONDS


async def test_name_is_held_by_one_at_a_time(store: Store) -> None:
    order: list[str] = []

    async def second() -> None:
        async with store.lead("relay"):
            order.append("second")

    async with store.lead("relay"):
        task = asyncio.create_task(second())
        await asyncio.sleep(0.2)
        async with store.lead("another"):
            order.append("first")
    await asyncio.wait_for(task, SECONDS)
    assert order == ["first", "second"]


async def test_error_and_cancellation_of_the_body_let_go(store: Store) -> None:
    async def cancelled() -> None:
        async with store.lead("relay"):
            await asyncio.sleep(60)

    with pytest.raises(ZeroDivisionError):
        async with store.lead("relay"):
            raise ZeroDivisionError
    task = asyncio.create_task(cancelled())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    async with asyncio.timeout(SECONDS), store.lead("relay"):
        pass
