from dataclasses import replace
from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.messages import Message
from airchat.protocol.timestamps import SECOND
from store.ports.messages import Numbered
from store.ports.store import Store
from tests.contract.store.world import World


async def seqs(store: Store, channels: list[Channel], limit: int, **bounds: Any) -> list[int]:
    async with store.read() as unit:
        return [row.seq for row in await unit.messages.history([one.id for one in channels], limit, **bounds)]


async def event_seqs(
    store: Store, channels: list[Channel], kinds: list[EventKind], limit: int, **bounds: Any
) -> list[int]:
    async with store.read() as unit:
        return [row.seq for row in await unit.events.of_channels([one.id for one in channels], kinds, limit, **bounds)]


async def log(store: Store, world: World, channel: Channel, kind: EventKind, recipient: str | None = None) -> Event:
    draft = EventDraft(kind, world.tick(), channel_id=channel.id, recipient_id=recipient)
    return (await store.write(lambda unit: unit.events.append([draft])))[0]


async def delete(store: Store, world: World, message: Message) -> None:
    at = world.tick()
    await store.write(lambda unit: unit.messages.delete(message.id, at))


async def alternating(world: World, count: int) -> tuple[list[Channel], list[Message]]:
    """Fill two channels in turns: the messages of the first have odd `seq`, from 1, those of the second even ones."""
    ann = await world.principal("ann")
    channels = [await world.channel("odd"), await world.channel("even")]
    return channels, [await world.post(channels[number % 2], ann, str(number)) for number in range(count)]


async def test_history_numbers_messages_by_the_log(store: Store, world: World) -> None:
    [odd, even], written = await alternating(world, 5)
    async with store.read() as unit:
        found = await unit.messages.history([odd.id, even.id], 10)
        assert await unit.messages.history([], 10) == []
        assert await unit.messages.history([world.id()], 10) == []
    assert found == [Numbered(seq, message) for seq, message in enumerate(written, 1)]


async def test_history_gives_the_newest_or_the_oldest(store: Store, world: World) -> None:
    [odd, even], _ = await alternating(world, 20)
    assert await seqs(store, [odd, even], 4) == [17, 18, 19, 20]
    assert await seqs(store, [odd, even], 4, newest=False) == [1, 2, 3, 4]
    assert await seqs(store, [odd], 3) == [15, 17, 19]
    assert await seqs(store, [even], 3, newest=False) == [2, 4, 6]
    assert await seqs(store, [even, even], 3) == [16, 18, 20]


async def test_history_keeps_strictly_between_its_numbers(store: Store, world: World) -> None:
    [odd, even], _ = await alternating(world, 20)
    both = [odd, even]
    assert await seqs(store, both, 3, after=8) == [18, 19, 20]
    assert await seqs(store, both, 3, after=8, newest=False) == [9, 10, 11]
    assert await seqs(store, both, 3, before=8) == [5, 6, 7]
    assert await seqs(store, both, 9, before=4, newest=False) == [1, 2, 3]
    assert await seqs(store, both, 9, after=5, before=9) == [6, 7, 8]
    assert await seqs(store, [odd], 9, after=5, before=10) == [7, 9]
    assert await seqs(store, [odd], 9, after=4, before=9) == [5, 7]
    assert await seqs(store, both, 9, before=1) == []
    assert await seqs(store, both, 9, after=20) == []
    assert await seqs(store, both, 9, after=9, before=10) == []
    assert await seqs(store, both, 9, after=12, before=3) == []
    assert await seqs(store, both, 2, after=0, newest=False) == [1, 2]
    assert await seqs(store, both, 2, before=1_000) == [19, 20]


async def test_history_keeps_within_its_times(store: Store, world: World) -> None:
    [odd, even], written = await alternating(world, 20)
    both, at = [odd, even], [message.created_at for message in written]
    assert await seqs(store, both, 3, until=at[7]) == [5, 6, 7]
    assert await seqs(store, both, 3, until=at[7], newest=False) == [1, 2, 3]
    assert await seqs(store, both, 3, since=at[7]) == [18, 19, 20]
    assert await seqs(store, both, 3, since=at[7], newest=False) == [8, 9, 10]
    assert await seqs(store, both, 9, since=at[2], until=at[6]) == [3, 4, 5, 6]
    assert await seqs(store, [odd], 1, since=at[1], until=at[9], newest=False) == [3]
    assert await seqs(store, both, 9, after=4, until=at[7]) == [5, 6, 7]
    assert await seqs(store, both, 2, before=9, since=at[3]) == [7, 8]
    assert await seqs(store, both, 9, since=at[6], until=at[2]) == []


async def test_history_by_time_is_told_in_the_order_of_the_log(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    early, middle, late = [world.draft(channel, ann, text) for text in ("early", "middle", "late")]
    for draft in (late, early, middle):
        await store.append(draft)
    assert await seqs(store, [channel], 2, since=0) == [1, 3]
    assert await seqs(store, [channel], 2, since=0, newest=False) == [2, 3]
    assert await seqs(store, [channel], 2) == [2, 3]
    assert await seqs(store, [channel], 1, until=late.created_at) == [3]


async def test_history_of_one_moment(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    drafts = [world.draft(channel, ann, str(number)) for number in range(5)]
    at = world.now
    same = [replace(draft, created_at=at) for draft in drafts]
    await store.write(lambda unit: unit.messages.append(same))
    assert await seqs(store, [channel], 2, since=at) == [4, 5]
    assert await seqs(store, [channel], 2, since=at, newest=False) == [1, 2]
    assert await seqs(store, [channel], 9, until=at) == []


async def test_history_leaves_out_what_is_deleted_and_still_fills_its_limit(store: Store, world: World) -> None:
    [odd, even], written = await alternating(world, 12)
    for index in (1, 2, 9, 10):
        await delete(store, world, written[index])
    assert await seqs(store, [odd, even], 4) == [7, 8, 9, 12]
    assert await seqs(store, [odd, even], 4, newest=False) == [1, 4, 5, 6]
    assert await seqs(store, [odd], 2, before=12) == [7, 9]
    assert await seqs(store, [even], 2, since=written[0].created_at, newest=False) == [4, 6]


async def test_history_pages_through_channels_of_different_sizes(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channels = [await world.channel(f"room-{number}") for number in range(4)]
    drafts = [world.draft(channels[number % 7 % 4], ann, str(number)) for number in range(100)]
    await store.write(lambda unit: unit.messages.append(drafts))
    wanted = [seq for seq, draft in enumerate(drafts, 1) if draft.channel is not channels[2]]
    read = [channels[0], channels[1], channels[3]]
    told: list[int] = []
    while page := await seqs(store, read, 7, after=max(told, default=0), newest=False):
        told += page
    assert told == wanted
    back: list[int] = []
    while page := await seqs(store, read, 7, before=min(back, default=101)):
        back = page + back
    assert back == wanted


async def test_seq_of_a_message(store: Store, world: World) -> None:
    [odd, even], written = await alternating(world, 3)
    await delete(store, world, written[2])
    async with store.read() as unit:
        assert await unit.messages.seq_of(written[1].id) == (even.id, 2, written[1].created_at)
        assert await unit.messages.seq_of(written[2].id) == (odd.id, 3, written[2].created_at)
        assert await unit.messages.seq_of(world.id()) is None


async def test_events_of_channels_by_kind_and_bounds(store: Store, world: World) -> None:
    joined, left, moved = EventKind.MEMBER_JOINED, EventKind.MEMBER_LEFT, EventKind.READ_MOVED
    ann = await world.principal("ann")
    channel, elsewhere = await world.channel("general"), await world.channel("elsewhere")
    await world.post(channel, ann)
    logged = [await log(store, world, channel, kind) for kind in (joined, left, joined, joined, left)]
    await log(store, world, elsewhere, joined)
    await log(store, world, channel, moved, recipient=ann.id)
    await store.write(lambda unit: unit.events.append([EventDraft(EventKind.PRINCIPAL_CHANGED, world.tick())]))

    async with store.read() as unit:
        assert await unit.events.of_channels([channel.id], [joined, left], 9) == logged
    assert await event_seqs(store, [channel], [joined], 9) == [2, 4, 5]
    assert await event_seqs(store, [channel], [joined], 2) == [4, 5]
    assert await event_seqs(store, [channel], [joined], 2, newest=False) == [2, 4]
    assert await event_seqs(store, [channel, elsewhere], [joined, left], 2) == [6, 7]
    assert await event_seqs(store, [channel], [joined, left], 9, after=2, before=6) == [3, 4, 5]
    assert await event_seqs(store, [channel], [joined, left], 1, after=2, newest=False) == [3]
    at = {event.seq: event.created_at for event in logged}
    assert await event_seqs(store, [channel], [joined, left], 2, until=at[5]) == [3, 4]
    assert await event_seqs(store, [channel], [joined, left], 2, since=at[3], newest=False) == [3, 4]
    assert await event_seqs(store, [channel], [joined, left], 9, since=at[3], until=at[5]) == [3, 4]
    assert await event_seqs(store, [channel], [joined, left], 9, before=6, since=at[4]) == [4, 5]
    assert await event_seqs(store, [channel], [EventKind.MESSAGE_CREATED, moved], 9) == []
    assert await event_seqs(store, [channel], [], 9) == []
    assert await event_seqs(store, [], [joined], 9) == []


async def test_latest_between_lists_own_channels_by_their_newest_message(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    one, two, empty, wiped, foreign = [
        await world.channel(name) for name in ("one", "two", "empty", "wiped", "foreign")
    ]
    direct = await world.direct(bob, ann)
    for channel in (one, two, empty, wiped):
        await world.join(channel, ann)
    posts = {}
    for channel in (two, one, wiped, direct, one, foreign):
        posts[channel.name] = await world.post(channel, bob)
    await delete(store, world, posts["wiped"])
    gone = await world.post(two, bob)
    await delete(store, world, gone)

    async def latest(since: int, until: int, limit: int) -> list[tuple[str, int]]:
        async with store.read() as unit:
            found = await unit.channels.latest_between(ann.id, since, until, limit)
        return [(channel.name, at) for channel, at in found]

    rows = [(name, posts[name].created_at) for name in ("two", direct.name, "one")]
    assert await latest(0, world.now + SECOND, 9) == rows
    assert await latest(0, world.now + SECOND, 2) == rows[:2]
    assert await latest(rows[0][1], rows[2][1], 9) == rows[:2]
    assert await latest(rows[0][1] + 1, rows[2][1] + 1, 9) == rows[1:]
