from dataclasses import replace

from airchat.protocol.inbox import InboxItem, InboxKind, InboxState
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import SECOND
from store.ports.store import Store
from tests.contract.store.world import World

REDELIVER_AFTER = 30 * SECOND


async def add(store: Store, *items: InboxItem) -> None:
    await store.write(lambda unit: unit.inbox.add(items))


async def take(store: Store, principal: Principal, limit: int, at: int) -> list[InboxItem]:
    return await store.write(lambda unit: unit.inbox.take(principal.id, limit, at, at - REDELIVER_AFTER))


async def ack(store: Store, principal: Principal, ids: list[str], at: int) -> list[InboxItem]:
    return await store.write(lambda unit: unit.inbox.ack(principal.id, ids, at))


def item(world: World, principal: Principal, kind: InboxKind = InboxKind.APPROVAL) -> InboxItem:
    """Return an item that is about no message and no task."""
    return InboxItem(world.id(), principal.id, kind, world.now)


async def test_take_hands_out_the_oldest_own_items(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    items = [item(world, ann) for _ in range(3)]
    await add(store, items[1], item(world, bob), items[0], items[2])
    at = world.tick()

    taken = await take(store, ann, 2, at)

    delivered = [replace(each, state=InboxState.DELIVERED, attempts=1, delivered_at=at) for each in items]
    assert taken == delivered[:2]
    assert await take(store, ann, 2, at) == delivered[2:]
    async with store.read() as unit:
        assert await unit.inbox.pending(ann.id, 10) == delivered
        assert await unit.inbox.pending(ann.id, 1) == delivered[:1]
        assert [each.state for each in await unit.inbox.pending(bob.id, 10)] == [InboxState.QUEUED]


async def test_items_behind_a_position_are_read_on(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    first = item(world, ann)
    alike = sorted((item(world, ann) for _ in range(3)), key=lambda each: each.id)
    world.tick()
    last = item(world, ann)
    await add(store, last, *reversed(alike), first, item(world, bob))
    items = [*sorted([first, *alike], key=lambda each: (each.created_at, each.id)), last]
    places = [(each.created_at, each.id) for each in items]
    async with store.read() as unit:
        for number, place in enumerate(places, 1):
            assert await unit.inbox.pending(ann.id, 10, place) == items[number:]
        assert await unit.inbox.pending(ann.id, 2, places[1]) == items[2:4]
        assert await unit.inbox.pending(ann.id, 10, (last.created_at + 1, "")) == []

    at = world.tick()
    taken = await store.write(lambda unit: unit.inbox.take(ann.id, 2, at, at - REDELIVER_AFTER, places[1]))
    assert [each.id for each in taken] == [each.id for each in items[2:4]]
    assert [each.id for each in await take(store, ann, 10, at)] == [each.id for each in [*items[:2], items[4]]]


async def test_item_not_acknowledged_is_handed_out_again(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    made = item(world, ann)
    await add(store, made)
    first = world.tick()
    await take(store, ann, 10, first)
    assert await take(store, ann, 10, first + REDELIVER_AFTER) == []
    again = first + REDELIVER_AFTER + 1
    assert await take(store, ann, 10, again) == [
        replace(made, state=InboxState.DELIVERED, attempts=2, delivered_at=again)
    ]


async def test_items_about_a_task_are_withdrawn_and_can_be_made_anew(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    task, other = await world.task(channel, cat), await world.task(channel, cat)
    offers = [
        InboxItem(world.id(), who.id, InboxKind.TASK, world.tick(), task_id=what.id)
        for who, what in ((ann, task), (bob, task), (bob, other))
    ]
    await add(store, *offers)
    await ack(store, ann, [offers[0].id], world.tick())

    await store.write(lambda unit: unit.inbox.withdraw_task(task.id))

    async with store.read() as unit:
        assert await unit.inbox.pending(ann.id, 10) == []
        assert await unit.inbox.pending(bob.id, 10) == offers[2:]
    await add(store, anew := replace(offers[0], id=world.id()))
    async with store.read() as unit:
        assert await unit.inbox.pending(ann.id, 10) == [anew]


async def test_acknowledged_item_is_gone_for_good(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    taken, queued, foreign = item(world, ann), item(world, ann), item(world, bob)
    await add(store, taken, foreign)
    delivered_at = world.tick()
    await take(store, ann, 10, delivered_at)
    await add(store, queued)
    at = world.tick()
    ids = [taken.id, queued.id, foreign.id, world.id()]

    assert await ack(store, ann, ids, at) == [
        replace(taken, state=InboxState.ACKED, attempts=1, delivered_at=delivered_at, acked_at=at),
        replace(queued, state=InboxState.ACKED, acked_at=at),
    ]
    assert await ack(store, ann, ids, world.tick()) == []
    assert await ack(store, ann, [], world.tick()) == []
    assert await take(store, ann, 10, at + 10 * REDELIVER_AFTER) == []
    async with store.read() as unit:
        assert await unit.inbox.pending(ann.id, 10) == []
        assert await unit.inbox.pending(bob.id, 10) == [foreign]


async def test_items_are_unique_per_principal_kind_and_subject(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    message, task = await world.post(channel, bob), await world.task(channel, bob)
    mention = InboxItem(world.id(), ann.id, InboxKind.MENTION, world.now, message.id, channel_id=channel.id)
    offer = InboxItem(world.id(), ann.id, InboxKind.TASK, world.now, task_id=task.id, channel_id=channel.id)
    kept = [
        mention,
        replace(mention, id=world.id(), principal_id=bob.id),
        replace(mention, id=world.id(), kind=InboxKind.DIRECT),
        offer,
        replace(offer, id=world.id(), principal_id=bob.id),
        item(world, ann),
        item(world, ann),
    ]
    again = [replace(each, id=world.id(), created_at=world.now) for each in kept[:5]]
    await add(store, *kept[:3], again[0], *kept[3:])
    await add(store, *again)
    await add(store)
    async with store.read() as unit:
        found = [*await unit.inbox.pending(ann.id, 20), *await unit.inbox.pending(bob.id, 20)]
    assert sorted(found, key=lambda each: each.id) == sorted(kept, key=lambda each: each.id)


async def test_repeated_item_stays_acknowledged(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    message = await world.post(channel, bob, addressees=(world.mentioned(ann),))
    await store.write(lambda unit: unit.inbox.ack_messages(ann.id, [message.id], world.tick()))
    await add(store, InboxItem(world.id(), ann.id, InboxKind.MENTION, world.now, message.id))
    async with store.read() as unit:
        assert await unit.inbox.pending(ann.id, 10) == []


async def test_ack_messages_takes_only_own_items_about_them(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    one, two, three = [
        await world.post(channel, cat, addressees=(world.mentioned(ann), world.mentioned(bob))) for _ in range(3)
    ]
    at = world.tick()

    async def ack_messages() -> list[InboxItem]:
        ids = [two.id, one.id, world.id()]
        return await store.write(lambda unit: unit.inbox.ack_messages(ann.id, ids, at))

    acked = await ack_messages()
    assert [(each.message_id, each.principal_id, each.state, each.acked_at) for each in acked] == [
        (one.id, ann.id, InboxState.ACKED, at),
        (two.id, ann.id, InboxState.ACKED, at),
    ]
    assert await ack_messages() == []
    async with store.read() as unit:
        assert [each.message_id for each in await unit.inbox.pending(ann.id, 10)] == [three.id]
        assert [each.message_id for each in await unit.inbox.pending(bob.id, 10)] == [one.id, two.id, three.id]


async def test_withdraw_takes_back_what_was_not_acknowledged(store: Store, world: World) -> None:
    ann, bob, cat, dan = [await world.principal(name) for name in ("ann", "bob", "cat", "dan")]
    channel = await world.channel("general")
    one, two = [
        await world.post(channel, ann, addressees=tuple(world.mentioned(who) for who in (bob, cat, dan)))
        for _ in range(2)
    ]
    await store.write(lambda unit: unit.inbox.ack_messages(cat.id, [one.id], world.now))
    await store.write(lambda unit: unit.inbox.withdraw(one.id, [bob.id, cat.id]))
    await store.write(lambda unit: unit.inbox.withdraw(two.id, []))
    async with store.read() as unit:
        left = {each.principal_id: each.state for each in await unit.inbox.receipts(one.id)}
        assert len(await unit.inbox.receipts(two.id)) == 3
    assert left == {cat.id: InboxState.ACKED, dan.id: InboxState.QUEUED}
    again = InboxItem(world.id(), bob.id, InboxKind.MENTION, world.now, one.id, channel_id=channel.id)
    await add(store, again)
    async with store.read() as unit:
        assert [each.message_id for each in await unit.inbox.pending(bob.id, 10)] == [two.id, one.id]


async def test_receipts_show_how_far_delivery_got(store: Store, world: World) -> None:
    ann, bob, cat, dan = [await world.principal(name) for name in ("ann", "bob", "cat", "dan")]
    channel = await world.channel("general")
    addressees = tuple(world.mentioned(who) for who in (bob, cat, dan))
    message = await world.post(channel, ann, addressees=addressees)
    await world.post(channel, ann, addressees=(world.mentioned(bob),))
    at = world.tick()
    await take(store, bob, 1, at)
    await ack(store, cat, [str(addressees[1].inbox_id)], at)
    async with store.read() as unit:
        receipts = {each.principal_id: each for each in await unit.inbox.receipts(message.id)}
        assert await unit.inbox.receipts(world.id()) == []
    assert {who: (each.state, each.delivered_at, each.acked_at) for who, each in receipts.items()} == {
        bob.id: (InboxState.DELIVERED, at, None),
        cat.id: (InboxState.ACKED, None, at),
        dan.id: (InboxState.QUEUED, None, None),
    }


async def test_held_item_is_not_handed_out_until_it_is_released_once(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    general = await world.channel("general")
    whom = (world.mentioned(ann), replace(world.mentioned(bob), held="streak"))
    message = await world.post(general, ann, addressees=whom)
    made = replace(item(world, bob), state=InboxState.HELD, held="pair")
    await add(store, made)

    async def unread(principal: Principal, *, unread_only: bool = True) -> int:
        async with store.read() as unit:
            return len(await unit.messages.mentions_of(principal.id, 10, unread_only=unread_only))

    async with store.read() as unit:
        [event] = await unit.events.after(0, 10)
        assert f'"mentions":["{ann.id}"],"held":["{bob.id}"]' in event.data
        found = await unit.inbox.held(10)
        held = [each.item for each in found]
        assert await unit.inbox.held(1) == found[:1]
        assert await unit.inbox.held(10, (held[0].created_at, held[0].id)) == found[1:]
        assert [each.sender_id for each in found] == [ann.id, None]
        assert [(each.principal_id, each.state, each.held) for each in held] == [
            (bob.id, InboxState.HELD, "streak"),
            (bob.id, InboxState.HELD, "pair"),
        ]
        assert [each.state for each in await unit.inbox.receipts(message.id)] == [InboxState.QUEUED, InboxState.HELD]
        assert await unit.inbox.get(made.id) == made
        assert await unit.inbox.get(world.id()) is None
        assert await unit.inbox.pending(bob.id, 10) == []
    assert await take(store, bob, 10, world.tick()) == []
    assert (await unread(ann), await unread(bob), await unread(bob, unread_only=False)) == (1, 0, 1)

    ids = [each.id for each in held]
    released = await store.write(lambda unit: unit.inbox.release([*ids, world.id()]))
    assert released == [replace(each, state=InboxState.QUEUED, held=None) for each in held]
    assert await store.write(lambda unit: unit.inbox.release(ids)) == []
    assert [each.id for each in await take(store, bob, 10, world.tick())] == ids
    assert await unread(bob) == 1
