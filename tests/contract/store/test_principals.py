from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Kind, Role
from store.ports.store import Store
from tests.contract.store.world import World


async def test_principal_is_found_by_id_and_name(store: Store, world: World) -> None:
    ann = await world.principal("ann", display_name="Ann Ö.", status="away", last_seen_at=7)
    gone = await world.principal("gone", Kind.PERSON, active=False)
    bot = await world.principal("bot", Kind.GHOST, bot=True)
    async with store.read() as unit:
        assert await unit.principals.get(bot.id) == bot
        assert await unit.principals.get(ann.id) == ann
        assert await unit.principals.by_name("ann") == ann
        assert await unit.principals.by_name("gone") == gone
        assert await unit.principals.by_name("an") is None
        assert await unit.principals.get("ann") is None


async def test_by_names_gives_each_once(store: Store, world: World) -> None:
    ann, gone = await world.principal("ann"), await world.principal("gone", active=False)
    await world.principal("other")
    async with store.read() as unit:
        found = await unit.principals.by_names(["gone", "nobody", "ann", "gone"])
        assert sorted(found, key=lambda row: row.name) == [ann, gone]
        assert await unit.principals.by_names([]) == []


async def test_by_ids_gives_each_once(store: Store, world: World) -> None:
    ann, gone = await world.principal("ann"), await world.principal("gone", active=False)
    await world.principal("other")
    async with store.read() as unit:
        found = await unit.principals.by_ids([gone.id, world.id(), ann.id, gone.id])
        assert sorted(found, key=lambda row: row.name) == [ann, gone]
        assert await unit.principals.by_ids([]) == []


async def test_save_replaces_all_but_id_kind_and_creation(store: Store, world: World) -> None:
    ann, other = await world.principal("ann"), await world.principal("other")
    changed = replace(
        ann, name="anna", role=Role.ADMIN, display_name="A", active=False, last_seen_at=world.now, status="s"
    )
    await store.write(lambda unit: unit.principals.save(replace(changed, kind=Kind.GHOST, created_at=1)))
    async with store.read() as unit:
        assert await unit.principals.all() == [changed, other]
        assert await unit.principals.by_name("ann") is None


async def test_names_are_unique_over_all_kinds(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob", Kind.PERSON)
    with pytest.raises(Conflict):
        await world.principal("ann", Kind.GHOST)
    with pytest.raises(Conflict):
        await store.write(lambda unit: unit.principals.save(replace(bob, name="ann")))
    async with store.read() as unit:
        assert await unit.principals.all() == [ann, bob]


async def test_all_is_by_name(store: Store, world: World) -> None:
    for name in ("b", "a-b", "ab", "a", "zed", "a0", "0"):
        await world.principal(name)
    async with store.read() as unit:
        assert [row.name for row in await unit.principals.all()] == ["0", "a", "a-b", "a0", "ab", "b", "zed"]


async def test_seen_moves_forward_only(store: Store, world: World) -> None:
    new = await world.principal("new")
    early = await world.principal("early", last_seen_at=10)
    late = await world.principal("late", last_seen_at=30)
    other = await world.principal("other", last_seen_at=5)
    await store.write(lambda unit: unit.principals.seen([new.id, early.id, late.id, world.id()], 20))
    await store.write(lambda unit: unit.principals.seen([], 50))
    async with store.read() as unit:
        assert await unit.principals.all() == [
            replace(early, last_seen_at=20),
            late,
            replace(new, last_seen_at=20),
            other,
        ]


async def test_status_is_set_and_taken_away(store: Store, world: World) -> None:
    ann = await world.principal("ann", last_seen_at=30)
    other = await world.principal("other", status="mine")
    await store.write(lambda unit: unit.principals.set_status(ann.id, "busy", 20))
    async with store.read() as unit:
        assert await unit.principals.get(ann.id) == replace(ann, status="busy")
    await store.write(lambda unit: unit.principals.set_status(ann.id, None, 40))
    async with store.read() as unit:
        assert await unit.principals.get(ann.id) == replace(ann, last_seen_at=40)
        assert await unit.principals.get(other.id) == other
