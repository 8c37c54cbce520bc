from store.ports.cursors import Cursor
from store.ports.store import Store
from tests.contract.store.world import World


async def get(store: Store, principal_id: str, device: str) -> int | None:
    async with store.read() as unit:
        cursor = await unit.cursors.get(principal_id, device)
    return cursor.seq if cursor is not None else None


async def test_devices_have_cursors_of_their_own(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    rows = [Cursor(ann.id, "phone", 5, world.now), Cursor(ann.id, "", 7, world.now), Cursor(bob.id, "phone", 9, 0)]
    await store.write(lambda unit: unit.cursors.save(rows))
    await store.write(lambda unit: unit.cursors.save([]))
    assert await get(store, ann.id, "phone") == 5
    assert await get(store, ann.id, "") == 7
    assert await get(store, bob.id, "phone") == 9


async def test_a_device_without_a_cursor_is_told_the_furthest_one_of_its_owner(store: Store, world: World) -> None:
    ann, bob, eve = await world.principal("ann"), await world.principal("bob"), await world.principal("eve")
    phone, desk = Cursor(ann.id, "phone", 5, 1), Cursor(ann.id, "desk", 7, 2)
    await store.write(lambda unit: unit.cursors.save([phone, desk, Cursor(bob.id, "phone", 9, 3)]))
    async with store.read() as unit:
        found = [await unit.cursors.get(ann.id, device) for device in ("phone", "desk", "laptop")]
        assert found == [phone, desk, desk]
        assert await unit.cursors.get(eve.id, "phone") is None


async def test_cursors_never_move_back(store: Store, world: World) -> None:
    ann = await world.principal("ann")

    async def save(*seqs: int) -> int | None:
        rows = [Cursor(ann.id, "phone", seq, world.tick()) for seq in seqs]
        await store.write(lambda unit: unit.cursors.save(rows))
        return await get(store, ann.id, "phone")

    assert [await save(5), await save(3), await save(5), await save(8, 6), await save(9, 12, 10)] == [5, 5, 5, 8, 12]


async def test_the_devices_saved_last_are_kept(store: Store, world: World) -> None:
    ann, bob, eve = await world.principal("ann"), await world.principal("bob"), await world.principal("eve")
    rows = [Cursor(who.id, f"device {at}", 9 - at, at) for who in (ann, bob, eve) for at in (3, 1, 5, 2, 4)]
    await store.write(lambda unit: unit.cursors.save(rows))
    await store.write(lambda unit: unit.cursors.save([Cursor(ann.id, "device 1", 8, 6)]))  # used again
    await store.write(lambda unit: unit.cursors.keep_newest([ann.id, bob.id], 2))
    await store.write(lambda unit: unit.cursors.keep_newest([], 0))
    known = {}
    for who in (ann, bob, eve):
        async with store.read() as unit:
            found = [await unit.cursors.get(who.id, f"device {at}") for at in range(1, 6)]
        known[who.name] = [at for at, one in enumerate(found, 1) if one is not None and one.device == f"device {at}"]
    assert known == {"ann": [1, 5], "bob": [4, 5], "eve": [1, 2, 3, 4, 5]}
