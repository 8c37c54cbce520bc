from store.ports.channels import BoardEntry
from store.ports.store import Store
from tests.contract.store.world import World


async def board(store: Store, principal_id: str, others: int) -> list[BoardEntry]:
    async with store.read() as unit:
        return await unit.channels.board(principal_id, others)


async def test_own_channels_in_join_order_with_unread_and_latest(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    late, early, empty = [await world.channel(name) for name in ("late", "early", "empty")]
    for channel in (early, late, empty):
        await world.join(channel, ann)
    for text in ("1", "2", "3"):
        await world.post(early, bob, text)
    newest = await world.post(early, ann, "4")
    latest = await world.post(early, bob, "5")
    other = await world.post(late, bob, "6")

    entries = await board(store, ann.id, 10)

    assert [(entry.channel.name, entry.role, entry.joined, entry.unread, entry.latest) for entry in entries] == [
        ("early", "member", True, 1, latest),
        ("late", "member", True, 1, other),
        ("empty", "member", True, 0, None),
    ]
    assert newest.number == 4  # her own post: everything up to it counts as read
    assert entries[0].channel.last_number == 5


async def test_unread_goes_down_when_read_and_leaves_out_own_and_deleted(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    await world.join(channel, ann)
    written = [await world.post(channel, bob, str(number)) for number in range(6)]
    await store.write(lambda unit: unit.messages.delete(written[5].id, world.tick()))

    [entry] = await board(store, ann.id, 0)
    assert (entry.unread, entry.latest) == (5, written[4])
    [entry] = await board(store, bob.id, 0)
    assert entry.unread == 0

    await store.write(lambda unit: unit.channels.mark_read(channel.id, ann.id, 3, world.tick()))
    [entry] = await board(store, ann.id, 0)
    assert entry.unread == 2


async def test_unread_counts_to_a_thousand(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    await world.join(channel, ann)
    drafts = [world.draft(channel, bob, str(number)) for number in range(1_005)]
    await store.write(lambda unit: unit.messages.append(drafts))
    [entry] = await board(store, ann.id, 0)
    assert entry.unread == 1_000


async def test_further_public_channels_follow_by_newest_message(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    mine, quiet, busy, busiest = [await world.channel(name) for name in ("mine", "quiet", "busy", "busiest")]
    await world.channel("never-used")
    wiped = await world.channel("wiped")
    secret = await world.direct(bob, cat)
    await world.join(mine, ann)
    first = await world.post(quiet, bob)
    second = await world.post(busy, bob)
    third = await world.post(busiest, bob)
    await world.post(secret, bob, "not for ann")
    await world.post(mine, bob)
    gone = await world.post(wiped, bob)
    await store.write(lambda unit: unit.messages.delete(gone.id, world.tick()))

    entries = await board(store, ann.id, 10)

    assert [(entry.channel.name, entry.role, entry.joined, entry.unread, entry.latest) for entry in entries[1:]] == [
        ("busiest", None, False, 0, third),
        ("busy", None, False, 0, second),
        ("quiet", None, False, 0, first),
    ]
    assert [entry.channel.name for entry in await board(store, ann.id, 1)] == ["mine", "busiest"]
    assert [entry.channel.name for entry in await board(store, ann.id, 0)] == ["mine"]


async def test_board_of_many_channels(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channels = [await world.channel(f"room-{number:02}") for number in range(40)]
    for number, channel in enumerate(channels):
        if number % 2:
            await world.join(channel, ann)
    drafts = [world.draft(channel, bob, channel.name) for channel in channels for _ in range(3)]
    await store.write(lambda unit: unit.messages.append(drafts))
    entries = await board(store, ann.id, 15)
    assert [entry.channel.name for entry in entries[:20]] == [channel.name for channel in channels[1::2]]
    assert [entry.channel.name for entry in entries[20:]] == [channel.name for channel in channels[-2::-2]][:15]
    assert {entry.unread for entry in entries[:20]} == {3}
    assert [entry.latest.number for entry in entries if entry.latest] == [3] * 35
    assert [entry.latest.content for entry in entries if entry.latest] == [entry.channel.name for entry in entries]
