from dataclasses import replace

from store.ports.counterparts import OURS, Mark, Pair
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World, linked


async def test_pairs_are_found_from_both_sides(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    pairs = [
        Pair(one.id, "m1", 2, "10.2", inbound=False, created_at=2, hash="h", thread="9.9"),
        Pair(one.id, "m1", 1, "10.1", inbound=False, created_at=1),
        Pair(one.id, "m2", 1, "9.9", inbound=True, created_at=3, version="5"),
        Pair(other.id, "m1", 1, "99.0", inbound=False, created_at=4),
    ]

    async def add(unit: Unit) -> None:
        for pair in pairs:
            await unit.counterparts.add(pair)
        await unit.counterparts.add(replace(pairs[2], message_id="m3"))

    await store.write(add)
    async with store.read() as unit:
        assert await unit.counterparts.of_message(one.id, "m1") == [pairs[1], pairs[0]]
        assert await unit.counterparts.of_remote(one.id, "9.9") == pairs[2]
        assert await unit.counterparts.of_remote(other.id, "9.9") is None


async def test_pair_changes_what_it_had_last_and_whether_it_is_there(store: Store, world: World) -> None:
    one = await linked(world, "C1")
    pair = Pair(one.id, "m1", 0, "1", inbound=True, created_at=2)
    await store.write(lambda unit: unit.counterparts.add(pair))
    changed = replace(pair, hash="h", version="7", gone=True)
    await store.write(lambda unit: unit.counterparts.save(replace(changed, number=9, thread="t")))
    async with store.read() as unit:
        assert await unit.counterparts.of_message(one.id, "m1") == [changed]


async def test_recent_pairs_are_the_newest_that_are_there_oldest_first(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    pairs = [Pair(one.id, f"m{at}", 0, f"{at}", inbound=True, created_at=at) for at in range(1, 6)]
    gone = replace(pairs[3], gone=True)

    async def add(unit: Unit) -> None:
        for pair in reversed(pairs):
            await unit.counterparts.add(pair)
        await unit.counterparts.save(gone)
        await unit.counterparts.add(Pair(other.id, "m", 0, "9", inbound=True, created_at=9))

    await store.write(add)
    async with store.read() as unit:
        assert await unit.counterparts.recent(one.id, 2, 9) == [pairs[1], pairs[2], pairs[4]]
        assert await unit.counterparts.recent(one.id, 2, 2) == [pairs[2], pairs[4]]


async def test_marks_are_kept_once_and_forgotten_one_by_one(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    marks = [
        Mark(one.id, "1", "+", OURS),
        Mark(one.id, "1", "+", "U1", "ann"),
        Mark(one.id, "2", "+", "U1", "ann"),
        Mark(other.id, "1", "+", "U1", "ann"),
    ]

    async def keep(unit: Unit) -> None:
        for mark in marks:
            await unit.counterparts.mark(mark)
        await unit.counterparts.mark(replace(marks[1], principal_id="bob"))
        await unit.counterparts.mark(Mark(one.id, "1", "-", "U1", "ann"))
        await unit.counterparts.unmark(Mark(one.id, "1", "-", "U1"))

    await store.write(keep)
    async with store.read() as unit:
        assert await unit.counterparts.marks(one.id, ["1", "2", "9"]) == marks[:3]
        assert await unit.counterparts.marks(one.id, ["2"]) == [marks[2]]
        assert await unit.counterparts.marks(one.id, []) == []
