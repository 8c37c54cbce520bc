from dataclasses import replace

from airchat.protocol.messages import Mention
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def test_mentions_of_are_newest_first_with_message_and_channel(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    general, other = await world.channel("general"), await world.channel("other")
    first = await world.post(general, ann, "@bob", addressees=(world.mentioned(bob),))
    await world.post(general, ann, "@cat", addressees=(world.mentioned(cat),))
    second = await world.post(other, cat, "@bob", addressees=(world.mentioned(bob), world.mentioned(ann)))
    third = await world.post(general, ann, "@bob", addressees=(world.mentioned(bob),))

    async with store.read() as unit:
        found = await unit.messages.mentions_of(bob.id, unread_only=True, limit=10)
        two = await unit.messages.mentions_of(bob.id, unread_only=True, limit=2)
        channels = {row.id: row for row in await unit.channels.all()}
    assert [message for _, message, _ in found] == [third, second, first]
    assert [(row.message_id, row.mentioned_id, row.author_id) for row, _, _ in found] == [
        (third.id, bob.id, ann.id),
        (second.id, bob.id, cat.id),
        (first.id, bob.id, ann.id),
    ]
    assert [channel for _, _, channel in found] == [channels[general.id], channels[other.id], channels[general.id]]
    assert two == found[:2]


async def test_mentions_in_deleted_messages_are_not_found(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    gone = await world.post(channel, ann, "@bob", addressees=(world.mentioned(bob),))
    kept = await world.post(channel, ann, "@bob", addressees=(world.mentioned(bob),))
    await store.write(lambda unit: unit.messages.delete(gone.id, world.now))
    async with store.read() as unit:
        found = await unit.messages.mentions_of(bob.id, unread_only=False, limit=10)
    assert [message for _, message, _ in found] == [kept]


async def test_only_the_mentioned_can_read_a_mention(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    both = (world.mentioned(ann), world.mentioned(bob))
    message = await world.post(channel, ann, "@ann @bob", addressees=both)
    later = await world.post(channel, ann, "@bob", addressees=(world.mentioned(bob),))
    ids = [str(each.mention_id) for each in both]

    at = world.tick()
    assert await store.write(lambda unit: unit.messages.read_mentions(bob.id, [*ids, world.id()], at)) == [message.id]
    assert await store.write(lambda unit: unit.messages.read_mentions(bob.id, [], at)) == []

    async with store.read() as unit:
        mentions = {row.mentioned_id: row for row in await unit.messages.mentions_in(message.id)}
        unread = await unit.messages.mentions_of(bob.id, unread_only=True, limit=10)
        everything = await unit.messages.mentions_of(bob.id, unread_only=False, limit=10)
        of_ann = await unit.messages.mentions_of(ann.id, unread_only=True, limit=10)
    assert (mentions[ann.id].read_at, mentions[bob.id].read_at) == (None, at)
    assert [found for _, found, _ in unread] == [later]
    assert [found for _, found, _ in everything] == [later, message]
    assert [found for _, found, _ in of_ann] == [message]


async def test_reading_twice_keeps_the_first_time(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    addressee = world.mentioned(bob)
    message = await world.post(channel, ann, "@bob", addressees=(addressee,))
    first, second = world.tick(), world.tick()
    for at in (first, second):
        await store.write(lambda unit, at=at: unit.messages.read_mentions(bob.id, [str(addressee.mention_id)], at))  # type: ignore[misc]
    async with store.read() as unit:
        assert [row.read_at for row in await unit.messages.mentions_in(message.id)] == [first]


async def test_mentions_taken_back(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    one, two = [
        await world.post(channel, ann, addressees=(world.mentioned(bob), world.mentioned(cat))) for _ in range(2)
    ]
    await store.write(lambda unit: unit.messages.remove_mentions(one.id, [bob.id, ann.id]))
    await store.write(lambda unit: unit.messages.remove_mentions(two.id, []))
    async with store.read() as unit:
        assert [row.mentioned_id for row in await unit.messages.mentions_in(one.id)] == [cat.id]
        assert sorted(row.mentioned_id for row in await unit.messages.mentions_in(two.id)) == sorted([bob.id, cat.id])


async def test_mentions_added_by_an_edit_are_there_once(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    addressee = world.mentioned(bob)
    message = await world.post(channel, ann, "@bob", addressees=(addressee,))
    kept = Mention(str(addressee.mention_id), message.id, channel.id, bob.id, ann.id, message.created_at)
    again = replace(kept, id=world.id(), created_at=world.now)
    added = Mention(world.id(), message.id, channel.id, cat.id, ann.id, world.now)

    async def work(unit: Unit) -> None:
        await unit.messages.add_mentions([again, added, replace(added, id=world.id())])
        await unit.messages.add_mentions([])

    await store.write(work)
    async with store.read() as unit:
        mentions = await unit.messages.mentions_in(message.id)
    assert sorted(mentions, key=lambda row: row.created_at) == [kept, added]
