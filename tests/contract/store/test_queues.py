from dataclasses import replace

from store.ports.counterparts import Pair
from store.ports.queues import Backlog, Outgoing, OutgoingKind, OutgoingState, Posted, Received
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World, linked


async def receive(store: Store, to: Link, key: str, order_key: str, payload: str = "{}", *, at: int = 1) -> bool:
    event = Received(to.id, key, order_key, payload, received_at=at)
    return await store.write(lambda unit: unit.queues.receive(event))


async def waiting(store: Store, of: Link, limit: int = 10) -> list[Received]:
    async with store.read() as unit:
        return await unit.queues.waiting(of.id, limit)


async def plan(store: Store, outgoing: list[Outgoing], cursor: int) -> None:
    await store.write(lambda unit: unit.queues.plan(outgoing, cursor))


async def due(store: Store, of: Link, limit: int = 10) -> list[Outgoing]:
    async with store.read() as unit:
        return await unit.queues.due(of.id, limit)


async def watermark(store: Store) -> str | None:
    async with store.read() as unit:
        return (await unit.relay.links())[0].watermark


def message(link: Link, seq: int) -> Outgoing:
    return Outgoing(link.id, seq, OutgoingKind.MESSAGE, f"m{seq}", planned_at=seq, changed_at=seq)


async def test_event_is_received_once_per_link_and_waits_in_order(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    assert await receive(store, one, "b", "2", '{"text":"\u00fc"}')
    assert await receive(store, one, "a", "1")
    assert await receive(store, other, "b", "2")
    assert not await receive(store, one, "b", "3", "again")
    first = Received(one.id, "a", "1", "{}", received_at=1)
    assert await waiting(store, one) == [first, Received(one.id, "b", "2", '{"text":"\u00fc"}', received_at=1)]
    assert await waiting(store, one, limit=1) == [first]


async def test_processed_event_is_gone_and_not_received_again(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    for order_key in ("1", "2"):
        await receive(store, one, order_key, order_key)
    await receive(store, other, "1", "1")
    first, second = await waiting(store, one)

    async def process(unit: Unit) -> None:
        await unit.queues.processed(second, 1)
        await unit.queues.processed(first, 2)

    await store.write(process)
    assert not await receive(store, one, "1", "1")
    assert (await waiting(store, one), len(await waiting(store, other))) == ([], 1)
    assert await watermark(store) == "2"  # forward only


async def test_failed_attempts_are_counted(store: Store, world: World) -> None:
    one = await linked(world, "C1")
    for key in ("a", "b"):
        await receive(store, one, key, key)
    first, second = await waiting(store, one)
    for _ in range(2):
        await store.write(lambda unit: unit.queues.retry_later(first))
    assert await waiting(store, one) == [replace(first, attempts=2), second]


async def test_event_waits_for_its_message(store: Store, world: World) -> None:
    one = await linked(world, "C1")
    for number in ("1", "2", "3"):
        await receive(store, one, number, number, at=int(number))
    first, second, third = await waiting(store, one)

    async def hold(unit: Unit) -> None:
        await unit.queues.hold(third, "m1")
        await unit.queues.hold(first, "m2")

    await store.write(hold)
    assert await waiting(store, one) == [second]
    assert await watermark(store) == "3"
    async with store.read() as unit:
        assert await unit.queues.held_since(one.id, 4, 9) == [
            replace(first, waits_for="m2"),
            replace(third, waits_for="m1"),
        ]
        assert await unit.queues.held_since(one.id, 3, 9) == [replace(first, waits_for="m2")]
    assert await store.write(lambda unit: unit.queues.release(one.id, "m1")) == 1
    assert await store.write(lambda unit: unit.queues.release(one.id, "m1")) == 0
    assert await waiting(store, one) == [second, third]
    await store.write(lambda unit: unit.queues.processed(first, 9))
    async with store.read() as unit:
        assert await unit.queues.held_since(one.id, 9, 9) == []


async def test_outgoing_is_planned_once_and_due_in_order(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    reaction = Outgoing(one.id, 5, OutgoingKind.REACTION, "m5", 5, {"emoji": "\u00fc", "added": True}, changed_at=5)
    lane, foreign = [message(one, 7), reaction, message(one, 6)], message(other, 3)
    async with store.read() as unit:
        assert await unit.queues.cursor() == 0
    await plan(store, [*lane, foreign], 7)
    sending = replace(
        reaction,
        state=OutgoingState.SENDING,
        number=2,
        content="text \u00fc",
        attempts=1,
        attempted_at=8,
        sent_after="1.0",
        changed_at=9,
    )
    await store.write(lambda unit: unit.queues.save_outgoing(sending))
    await plan(store, lane, 8)  # planned before: each keeps its state
    assert await due(store, one) == [sending, lane[2], lane[0]]
    assert await due(store, one, limit=1) == [sending]

    dead = replace(lane[2], state=OutgoingState.DEAD, error="channel_not_found")
    for outgoing in (replace(sending, state=OutgoingState.SENT), dead):
        await store.write(lambda unit, outgoing=outgoing: unit.queues.save_outgoing(outgoing))  # type: ignore[misc]
    assert (await due(store, one), await due(store, other)) == ([lane[0]], [foreign])
    async with store.read() as unit:
        assert await unit.queues.dead_outgoing(10) == [dead]
        assert await unit.queues.cursor() == 8


async def test_dead_letters_are_newest_first_and_can_be_revived(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    lane = [message(one, 1), message(other, 2), message(one, 3)]
    await plan(store, lane, 3)
    dead = [replace(outgoing, state=OutgoingState.DEAD, error="no", attempts=3) for outgoing in lane]
    for outgoing in dead:
        await store.write(lambda unit, outgoing=outgoing: unit.queues.save_outgoing(outgoing))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.queues.dead_outgoing(2) == [dead[2], dead[1]]
    assert await due(store, one) == []
    assert await store.write(lambda unit: unit.queues.revive_outgoing(one.id, 1, 9))
    assert not await store.write(lambda unit: unit.queues.revive_outgoing(one.id, 1, 9))
    assert await due(store, one) == [replace(lane[0], changed_at=9)]


async def test_dead_letter_that_was_attempted_may_have_been_sent_and_is_known_wherever_in_its_lane_it_is(
    store: Store, world: World
) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    await plan(store, [message(one, 1), message(other, 2), message(one, 3)], 3)
    dead = replace(message(one, 3), state=OutgoingState.DEAD, number=1, content="text", attempted_at=4, error="no")
    await store.write(lambda unit: unit.queues.save_outgoing(dead))
    assert await store.write(lambda unit: unit.queues.revive_outgoing(one.id, 3, 9))
    revived = replace(dead, state=OutgoingState.SENDING, error=None, changed_at=9)
    assert await due(store, one) == [message(one, 1), revived]
    async with store.read() as unit:
        assert await unit.queues.sending(one.id) == [revived]
        assert await unit.queues.sending(other.id) == []


async def test_event_that_could_not_be_used_keeps_its_payload_and_can_be_revived(store: Store, world: World) -> None:
    one = await linked(world, "C1")
    for key in ("a", "b", "c"):
        await receive(store, one, key, key, payload=f'"{key}"')
    first, second, third = await waiting(store, one)

    async def finish(unit: Unit) -> None:
        await unit.queues.processed(first, 5, error="too long")
        await unit.queues.processed(second, 6, error="nonsense")
        await unit.queues.processed(third, 7)

    await store.write(finish)
    async with store.read() as unit:
        dead = await unit.queues.dead_received(9)
    assert dead == [replace(second, error="nonsense"), replace(first, error="too long")]
    assert await store.write(lambda unit: unit.queues.revive_received(one.id, "a"))
    assert not await store.write(lambda unit: unit.queues.revive_received(one.id, "c"))
    assert await waiting(store, one) == [first]


async def test_backlogs_tell_what_waits_and_since_when(store: Store, world: World) -> None:
    one, other, idle = await linked(world, "C1"), await linked(world, "C2"), await linked(world, "C3")
    await receive(store, one, "a", "1", at=50)
    await receive(store, other, "a", "1", at=60)
    await receive(store, idle, "a", "1", at=1)
    await plan(store, [message(one, 40), message(one, 41), message(one, 42), message(idle, 43)], 43)

    async def finish(unit: Unit) -> None:
        await unit.queues.save_outgoing(replace(message(one, 40), state=OutgoingState.DEAD, error="no"))
        await unit.queues.save_outgoing(replace(message(idle, 43), state=OutgoingState.SENT))
        await unit.queues.processed(Received(idle.id, "a", "1", "{}"), 70)
        await unit.queues.processed(Received(other.id, "a", "1", "{}"), 70, error="no")

    await store.write(finish)
    async with store.read() as unit:
        assert sorted(await unit.queues.backlogs(), key=lambda it: it.link_id) == sorted(
            [Backlog(one.id, 1, 2, 41, 1), Backlog(other.id, 0, 0, None, 1)], key=lambda it: it.link_id
        )


async def test_what_was_posted_lately_is_known(store: Store, world: World) -> None:
    one, other = await linked(world, "C1"), await linked(world, "C2")
    lane = [message(one, seq) for seq in (1, 2, 3)]
    await plan(store, [*lane, message(other, 1)], 3)

    def pair(link: Link, remote_id: str, at: int, *, inbound: bool = False) -> Pair:
        return Pair(link.id, "m", int(remote_id), remote_id, inbound, created_at=at)

    async def happen(unit: Unit) -> None:
        for made in (pair(one, "1", 4), pair(one, "2", 5), pair(other, "3", 6), pair(one, "4", 7, inbound=True)):
            await unit.counterparts.add(made)
        await unit.queues.save_outgoing(replace(lane[0], state=OutgoingState.SENT, number=-2, changed_at=8))
        await unit.queues.save_outgoing(replace(lane[1], state=OutgoingState.SENT, number=-1, changed_at=4))
        await unit.queues.save_outgoing(replace(lane[2], state=OutgoingState.SENDING, number=1, changed_at=9))

    await store.write(happen)
    async with store.read() as unit:
        found = await unit.queues.posted(5)
    expected = [Posted(one.id, 5), Posted(other.id, 6), Posted(one.id, 8, 2), Posted(one.id, None)]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


async def test_what_is_done_and_old_is_pruned(store: Store, world: World) -> None:
    one = await linked(world, "C1")
    for key in ("1", "2", "3"):
        await receive(store, one, key, key)
    done, late, open_one = await waiting(store, one)
    lane = [message(one, seq) for seq in (1, 2, 3, 4, 5)]
    await plan(store, lane, 5)

    async def finish(unit: Unit) -> None:
        await unit.queues.processed(done, 10)
        await unit.queues.processed(late, 20)
        await unit.queues.save_outgoing(replace(lane[0], state=OutgoingState.SENT, changed_at=10))
        await unit.queues.save_outgoing(replace(lane[1], state=OutgoingState.SENT, changed_at=20))
        await unit.queues.save_outgoing(replace(lane[2], state=OutgoingState.DEAD, changed_at=20))
        await unit.queues.save_outgoing(replace(lane[3], state=OutgoingState.DEAD, changed_at=10))

    await store.write(finish)
    assert await store.write(lambda unit: unit.queues.prune(20, 0)) == 0
    assert await store.write(lambda unit: unit.queues.prune(20, 10)) == 3
    assert await store.write(lambda unit: unit.queues.prune(20, 10)) == 0

    assert await receive(store, one, "1", "1")
    assert not await receive(store, one, "2", "2")
    assert [event.key for event in await waiting(store, one)] == ["1", open_one.key]
    await plan(store, lane, 6)
    assert await due(store, one) == [lane[0], lane[3], lane[4]]
    async with store.read() as unit:
        assert await unit.queues.dead_outgoing(10) == [replace(lane[2], state=OutgoingState.DEAD, changed_at=20)]
