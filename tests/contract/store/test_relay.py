from dataclasses import replace
from typing import Any

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Kind
from store.ports.relay import Identity, Link, Pair, Part, PartState, Received, Relay
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def link(world: World, remote_channel: str, **more: Any) -> Link:
    """Save a link of a channel made for it."""
    channel = await world.channel(f"linked-{remote_channel.lower()}")
    made = Link(world.id(), channel.id, "slack", "T1", remote_channel, world.now, **more)
    await world.store.write(lambda unit: unit.relay.save_link(made))
    return made


async def receive(store: Store, to: Link, key: str, order_key: str, payload: str = "{}") -> bool:
    return await store.write(lambda unit: unit.relay.receive(to.id, key, order_key, payload, 1))


async def waiting(store: Store, of: Link, limit: int = 10) -> list[Received]:
    async with store.read() as unit:
        return await unit.relay.waiting(of.id, limit)


async def plan(store: Store, parts: list[Part], cursor: int) -> None:
    await store.write(lambda unit: unit.relay.plan(parts, cursor))


async def next_part(store: Store, of: Link) -> Part | None:
    async with store.read() as unit:
        return await unit.relay.next_part(of.id)


async def test_links_are_kept_oldest_first_and_change_in_direction_and_pause(store: Store, world: World) -> None:
    first, second = await link(world, "C2", direction="in"), await link(world, "C1", watermark="5.0")
    changed = replace(first, direction="out", paused=True)
    await store.write(lambda unit: unit.relay.save_link(replace(changed, remote_channel="C9", watermark="9.0")))
    async with store.read() as unit:
        assert await unit.relay.links() == [changed, second]


async def test_remote_channel_is_linked_once(store: Store, world: World) -> None:
    first = await link(world, "C1")
    with pytest.raises(Conflict):
        await store.write(lambda unit: unit.relay.save_link(replace(first, id=world.id())))
    elsewhere = replace(first, id=world.id(), workspace="T2", created_at=world.now)
    await store.write(lambda unit: unit.relay.save_link(elsewhere))
    async with store.read() as unit:
        assert await unit.relay.links() == [first, elsewhere]


async def test_event_is_received_once_per_link(store: Store, world: World) -> None:
    one, other = await link(world, "C1"), await link(world, "C2")
    assert await receive(store, one, "b", "2", '{"text":"ü"}')
    assert await receive(store, one, "a", "1")
    assert await receive(store, other, "b", "2")
    assert not await receive(store, one, "b", "3", "again")
    assert await waiting(store, one) == [Received(one.id, "a", "1", "{}"), Received(one.id, "b", "2", '{"text":"ü"}')]
    assert await waiting(store, one, limit=1) == [Received(one.id, "a", "1", "{}")]


async def test_processed_event_is_gone_and_not_received_again(store: Store, world: World) -> None:
    one, other = await link(world, "C1"), await link(world, "C2")
    for order_key in ("1", "2"):
        await receive(store, one, order_key, order_key)
    await receive(store, other, "1", "1")
    first, second = await waiting(store, one)

    async def process(unit: Unit) -> None:
        await unit.relay.processed(second, 1)
        await unit.relay.processed(first, 2, error="cannot be used")

    await store.write(process)
    assert not await receive(store, one, "1", "1")
    assert await waiting(store, one) == []
    assert len(await waiting(store, other)) == 1
    async with store.read() as unit:
        assert await unit.relay.links() == [replace(one, watermark="2"), other]  # forward only


async def test_failed_attempts_are_counted(store: Store, world: World) -> None:
    one = await link(world, "C1")
    for key in ("a", "b"):
        await receive(store, one, key, key)
    first, second = await waiting(store, one)
    for _ in range(2):
        await store.write(lambda unit: unit.relay.retry_later(first))
    assert await waiting(store, one) == [replace(first, attempts=2), second]


async def test_parts_are_planned_once_and_sent_in_order(store: Store, world: World) -> None:
    one, other = await link(world, "C1"), await link(world, "C2")
    parts = [Part(one.id, seq, number, f"m{seq}", f"text {seq}.{number} ü") for seq, number in ((7, 1), (5, 2), (5, 1))]
    foreign = Part(other.id, 3, 1, "m3", "elsewhere")
    async with store.read() as unit:
        assert await unit.relay.cursor() == 0
    await plan(store, [*parts, foreign], 7)
    await store.write(lambda unit: unit.relay.save_part(replace(parts[2], state=PartState.SENDING, attempts=1)))
    await plan(store, parts, 8)  # planned before: each keeps its state
    assert await next_part(store, one) == replace(parts[2], state=PartState.SENDING, attempts=1)

    sent = replace(parts[2], state=PartState.SENT, attempts=2, sent_after="1.0", remote_id="2.0")
    dead = replace(parts[1], state=PartState.DEAD, attempts=9, error="channel_not_found")
    for part, following in ((sent, parts[1]), (dead, parts[0])):
        await store.write(lambda unit, part=part: unit.relay.save_part(part))  # type: ignore[misc]
        assert await next_part(store, one) == following
    assert await next_part(store, other) == foreign
    async with store.read() as unit:
        assert await unit.relay.dead_parts(10) == [dead]
        assert await unit.relay.cursor() == 8


async def test_dead_letters_are_newest_first(store: Store, world: World) -> None:
    one, other = await link(world, "C1"), await link(world, "C2")
    parts = [Part(where.id, seq, 1, "m", "text") for where, seq in ((one, 1), (other, 2), (one, 3))]
    await plan(store, parts, 3)
    dead = [replace(part, state=PartState.DEAD) for part in parts]
    for part in dead:
        await store.write(lambda unit, part=part: unit.relay.save_part(part))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.relay.dead_parts(2) == [dead[2], dead[1]]
    assert await next_part(store, one) is None


async def test_deleted_link_takes_its_queues_along_and_leaves_its_pairs(store: Store, world: World) -> None:
    gone, kept = await link(world, "C1"), await link(world, "C2")
    pair = Pair(gone.id, "m1", 1, "1.0", inbound=True, created_at=1)
    for where in (gone, kept):
        await receive(store, where, "a", "1")
        await plan(store, [Part(where.id, 1, 1, "m", "text")], 1)
    await store.write(lambda unit: unit.relay.add_pair(pair))

    assert await store.write(lambda unit: unit.relay.delete_link(gone.id))
    assert not await store.write(lambda unit: unit.relay.delete_link(gone.id))
    await plan(store, [Part(gone.id, 2, 1, "m", "too late")], 2)

    assert (await waiting(store, gone), await next_part(store, gone)) == ([], None)
    assert (len(await waiting(store, kept)), await next_part(store, kept)) == (1, Part(kept.id, 1, 1, "m", "text"))
    async with store.read() as unit:
        assert await unit.relay.links() == [kept]
        assert await unit.relay.pair_of_remote(gone.id, "1.0") == pair


async def test_pairs_are_found_from_both_sides(store: Store, world: World) -> None:
    one, other = await link(world, "C1"), await link(world, "C2")
    pairs = [
        Pair(one.id, "m1", 2, "10.2", inbound=False, created_at=2),
        Pair(one.id, "m1", 1, "10.1", inbound=False, created_at=1),
        Pair(one.id, "m2", 1, "9.9", inbound=True, created_at=3),
        Pair(other.id, "m1", 1, "99.0", inbound=False, created_at=4),
    ]

    async def add(unit: Unit) -> None:
        for pair in pairs:
            await unit.relay.add_pair(pair)
        await unit.relay.add_pair(replace(pairs[2], message_id="m3"))

    await store.write(add)
    async with store.read() as unit:
        relay: Relay = unit.relay
        assert await relay.pairs_of_message(one.id, "m1") == [pairs[1], pairs[0]]
        assert await relay.pair_of_remote(one.id, "9.9") == pairs[2]
        assert await relay.pair_of_remote(other.id, "9.9") is None
        assert await relay.newest_remote(one.id) == "9.9"
        assert await relay.newest_remote(world.id()) is None


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


async def test_old_events_and_parts_that_are_done_are_pruned(store: Store, world: World) -> None:
    one = await link(world, "C1")
    for key in ("1", "2", "3"):
        await receive(store, one, key, key)
    done, late, open_one = await waiting(store, one)
    parts = [Part(one.id, seq, 0, f"m{seq}", "text", changed_at=10) for seq in (1, 2, 3, 4)]
    await plan(store, parts, 4)

    async def finish(unit: Unit) -> None:
        await unit.relay.processed(done, 10)
        await unit.relay.processed(late, 20)
        await unit.relay.save_part(replace(parts[0], state=PartState.SENT, changed_at=10))
        await unit.relay.save_part(replace(parts[1], state=PartState.SENT, changed_at=20))
        await unit.relay.save_part(replace(parts[2], state=PartState.DEAD, changed_at=10))

    await store.write(finish)
    assert await store.write(lambda unit: unit.relay.prune(20, 0)) == 0
    assert await store.write(lambda unit: unit.relay.prune(20, 10)) == 2
    assert await store.write(lambda unit: unit.relay.prune(20, 10)) == 0

    assert await receive(store, one, "1", "1")
    assert not await receive(store, one, "2", "2")
    assert [event.key for event in await waiting(store, one)] == ["1", open_one.key]
    await plan(store, parts, 5)
    assert await next_part(store, one) == parts[0]
    async with store.read() as unit:
        assert await unit.relay.dead_parts(10) == [replace(parts[2], state=PartState.DEAD)]
