from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Kind
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingKind, Received
from store.ports.relay import BridgeState, Closed, Identity, Wanted
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World, linked


async def test_links_are_kept_oldest_first_and_change_in_some_ways(store: Store, world: World) -> None:
    first, second = await linked(world, "C2", direction="in"), await linked(world, "C1", watermark="5.0")
    changed = replace(
        first,
        direction="out",
        paused=True,
        remote_name="#gen\u00fc",
        source="w1",
        rules={"mirror": ["edits"], "bots": False},
    )
    await store.write(lambda unit: unit.relay.save_link(replace(changed, remote_channel="C9", watermark="9.0")))
    async with store.read() as unit:
        assert await unit.relay.links() == [changed, second]


async def test_reading_and_topic_are_kept_beside_what_else_changes(store: Store, world: World) -> None:
    one = await linked(world, "C1")

    async def work(unit: Unit) -> None:
        await unit.relay.save_reading(one.id, "page 2")
        await unit.relay.save_topic(one.id, "\u00dcber")
        await unit.relay.save_link(replace(one, paused=True))
        await unit.relay.save_reading(world.id(), "of no link")

    await store.write(work)
    async with store.read() as unit:
        assert await unit.relay.links() == [replace(one, paused=True, reading="page 2", topic="\u00dcber")]
    await store.write(lambda unit: unit.relay.save_reading(one.id, None))
    async with store.read() as unit:
        assert (await unit.relay.links())[0].reading is None


async def test_remote_channel_is_linked_once(store: Store, world: World) -> None:
    first = await linked(world, "C1")
    with pytest.raises(Conflict):
        await store.write(lambda unit: unit.relay.save_link(replace(first, id=world.id())))
    elsewhere = replace(first, id=world.id(), workspace="T2", created_at=world.now)
    await store.write(lambda unit: unit.relay.save_link(elsewhere))
    async with store.read() as unit:
        assert await unit.relay.links() == [first, elsewhere]


async def test_deleted_link_takes_its_queues_along_and_leaves_its_pairs(store: Store, world: World) -> None:
    gone, kept = await linked(world, "C1"), await linked(world, "C2")
    pair = Pair(gone.id, "m1", 1, "1.0", inbound=True, created_at=1)

    async def fill(unit: Unit) -> None:
        for where in (gone, kept):
            await unit.queues.receive(Received(where.id, "a", "1", "{}"))
            await unit.queues.plan([Outgoing(where.id, 1, OutgoingKind.MESSAGE, "m", 1)], 1)
        await unit.counterparts.add(pair)

    await store.write(fill)
    assert await store.write(lambda unit: unit.relay.delete_link(gone.id))
    assert not await store.write(lambda unit: unit.relay.delete_link(gone.id))
    late = Outgoing(gone.id, 2, OutgoingKind.MESSAGE, "too late", 1)
    await store.write(lambda unit: unit.queues.plan([late], 2))
    async with store.read() as unit:
        assert (await unit.queues.waiting(gone.id, 9), await unit.queues.due(gone.id, 9)) == ([], [])
        assert (len(await unit.queues.waiting(kept.id, 9)), len(await unit.queues.due(kept.id, 9))) == (1, 1)
        assert await unit.relay.links() == [kept]
        assert await unit.counterparts.of_remote(gone.id, "1.0") == pair


async def test_what_commands_ask_for_is_kept_until_they_do_not(store: Store, world: World) -> None:
    one = Wanted(world.id(), "project-*", "slack", "proj-*", 2, "in", {"backfill": 5})
    other = Wanted(world.id(), "general", "discord", "42", 1)
    for wanted in (one, other):
        await store.write(lambda unit, wanted=wanted: unit.relay.want(wanted))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.relay.wanted() == [other, one]
    assert await store.write(lambda unit: unit.relay.unwant(other.id))
    assert not await store.write(lambda unit: unit.relay.unwant(other.id))
    async with store.read() as unit:
        assert await unit.relay.wanted() == [one]


async def test_states_of_bridges_replace_each_other(store: Store) -> None:
    states = [
        BridgeState("slack", "starting", 1),
        BridgeState("discord", "waiting", 2, "G1", "no answer"),
        BridgeState("slack", "running", 3, "T1"),
    ]
    for state in states:
        await store.write(lambda unit, state=state: unit.relay.save_state(state))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.relay.states() == states[1:]


async def test_what_is_closed_is_known_until_it_is_forgotten(store: Store) -> None:
    made = [
        Closed("slack", "post C2", 1, 5),
        Closed("slack", "edit", 2, 9),
        Closed("discord", "edit", 3, 4),
        Closed("slack", "post C2", 6, 8),
    ]
    for one in made:
        await store.write(lambda unit, one=one: unit.relay.close(one))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.relay.closed("slack") == [made[1], made[3]]
        assert await unit.relay.closed("discord") == [made[2]]
    assert await store.write(lambda unit: unit.relay.forget_closed(9)) == 2
    async with store.read() as unit:
        assert await unit.relay.closed("slack") == [made[1]]
        assert await unit.relay.closed("discord") == []


async def test_identities(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann", Kind.GHOST), await world.principal("bob", Kind.GHOST)
    made = [
        Identity("slack", "T1", "U1", ann.id, "Ann", "https://example.org/a.png"),
        Identity("slack", "T2", "U1", bob.id, "Bob"),
    ]
    renamed = replace(made[0], display_name="Ann Ö.", avatar_url=None)
    for identity in (*made, renamed):
        await store.write(lambda unit, identity=identity: unit.relay.save_identity(identity))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.relay.identity("slack", "T1", "U1") == renamed
        assert await unit.relay.identity("discord", "T1", "U1") is None
        assert await unit.relay.identities() == [renamed, made[1]]
