import asyncio
from pathlib import Path

from store.open import open_store
from tests.waiting import SECONDS


async def test_two_stores_over_one_file_lead_one_after_the_other(tmp_path: Path) -> None:
    one, other = (open_store(f"sqlite:///{tmp_path}/hub.sqlite") for _ in range(2))
    order: list[str] = []

    async def follow() -> None:
        async with other.lead("relay"):
            order.append("other")

    async with one.lead("relay"):
        following = asyncio.create_task(follow())
        await asyncio.sleep(0.8)
        order.append("one")
    await asyncio.wait_for(following, SECONDS)
    assert order == ["one", "other"]


async def test_lead_that_is_given_up_while_it_is_asked_for_is_free(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.sqlite")

    async def lead() -> None:
        async with store.lead("relay"):
            await asyncio.Event().wait()

    for _ in range(20):
        asking = asyncio.create_task(lead())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(SECONDS), store.lead("relay"):
        pass
