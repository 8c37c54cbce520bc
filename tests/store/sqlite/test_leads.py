import asyncio
from pathlib import Path

from store.open import open_store


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
    await asyncio.wait_for(following, 10)
    assert order == ["one", "other"]
