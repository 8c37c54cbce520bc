import pytest

from airchat.protocol.errors import RateLimited
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World

WINDOW = 60


async def hit(store: Store, bucket: str, key: str, limit: int, now: int) -> int:
    return await store.write(lambda unit: unit.guards.hit(bucket, key, limit, WINDOW, now))


async def use(store: Store, nonce: str, expires_at: int, now: int) -> bool:
    return await store.write(lambda unit: unit.guards.use_nonce(nonce, expires_at, now), access="registration")


async def test_nonce_is_good_once_until_it_expires(store: Store) -> None:
    assert await use(store, "n", expires_at=100, now=10)
    assert not await use(store, "n", expires_at=100, now=10)
    assert not await use(store, "n", expires_at=200, now=99)
    assert await use(store, "other", expires_at=150, now=99)
    assert await use(store, "n", expires_at=200, now=100)
    assert not await use(store, "n", expires_at=200, now=101)
    assert not await use(store, "other", expires_at=200, now=149)


async def test_window_slides(store: Store) -> None:
    assert [await hit(store, "b", "k", 3, now) for now in (100, 110, 120)] == [0, 0, 0]
    assert await hit(store, "b", "k", 3, 130) == 30  # until the hit at 100 is a window ago
    assert await hit(store, "b", "k", 3, 159) == 1
    assert await hit(store, "b", "k", 3, 160) == 0
    assert await hit(store, "b", "k", 3, 160) == 10  # now until the hit at 110 is
    assert await hit(store, "b", "k", 3, 300) == 0


async def test_refused_hits_are_not_counted(store: Store) -> None:
    assert await hit(store, "b", "k", 1, 100) == 0
    assert [await hit(store, "b", "k", 1, now) for now in (120, 140, 159)] == [40, 20, 1]
    assert await hit(store, "b", "k", 1, 160) == 0


async def test_windows_of_other_buckets_and_keys_are_their_own(store: Store) -> None:
    assert await hit(store, "b", "k", 1, 100) == 0
    assert await hit(store, "b", "other", 1, 100) == 0
    assert await hit(store, "other", "k", 1, 100) == 0
    assert await hit(store, "b", "k", 1, 100) == WINDOW


async def test_hits_of_one_moment_all_count(store: Store) -> None:
    assert [await hit(store, "b", "k", 2, 100) for _ in range(3)] == [0, 0, WINDOW]


async def test_hit_of_a_failed_use_case_is_not_counted(store: Store, world: World) -> None:
    async def work(unit: Unit) -> None:
        await unit.guards.hit("b", "k", 1, WINDOW, 100)
        raise RateLimited

    with pytest.raises(RateLimited):
        await store.write(work)
    assert await hit(store, "b", "k", 1, 100) == 0
