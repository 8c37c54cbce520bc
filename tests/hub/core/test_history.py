import pytest

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Principal, Role
from airchat.protocol.timestamps import SECOND
from hub.core.history import PAGE, Entry, History, Place
from store.ports.messages import MessageDraft
from tests.hub.core.hub import Hub


@pytest.fixture
def history(hub: Hub) -> History:
    return History(hub.store, hub.directory)


async def channel(hub: Hub, name: str) -> Channel:
    found = await hub.directory.find_channel(name)
    assert found is not None
    return found


def told(entries: list[Entry]) -> list[str]:
    return [entry.kind.value if isinstance(entry, Event) else entry.message.content for entry in entries]


async def talk(hub: Hub) -> tuple[Principal, Channel]:
    """Let ann say 1 and 2, bob join, ann say 3, bob leave, ann say 4; a second passes after each line."""
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    await hub.say(ann, "general", "1", "2")
    await hub.channels.join(bob, "general")
    await hub.say(ann, "general", "3")
    await hub.channels.leave(bob, "general")
    await hub.say(ann, "general", "4")
    return ann, await channel(hub, "general")


MOVES = (EventKind.MEMBER_JOINED, EventKind.MEMBER_LEFT)


async def test_page_is_of_messages_alone_unless_kinds_are_named(hub: Hub, history: History) -> None:
    ann, general = await talk(hub)
    assert told(await history.page(ann, general, 3)) == ["2", "3", "4"]
    assert told(await history.page(ann, general, 3, newest=False)) == ["1", "2", "3"]
    both = await history.page(ann, general, 50, kinds=MOVES)
    assert told(both) == ["member.joined", "1", "2", "member.joined", "3", "member.left", "4"]
    assert [entry.seq for entry in both] == sorted(entry.seq for entry in both)
    assert told(await history.page(ann, general, 3, kinds=MOVES)) == ["3", "member.left", "4"]
    assert told(await history.page(ann, general, 3, kinds=MOVES, newest=False)) == ["member.joined", "1", "2"]


async def test_page_is_bounded_by_numbers_and_times(hub: Hub, history: History) -> None:
    ann, general = await talk(hub)
    entries = await history.page(ann, general, 50, kinds=MOVES)
    first, last = entries[1].seq, entries[-1].seq
    assert told(await history.page(ann, general, 2, kinds=MOVES, before=last)) == ["3", "member.left"]
    assert told(await history.page(ann, general, 9, after=first, before=last)) == ["2", "3"]
    three = (await history.page(ann, general, 1, before=last))[0]
    assert not isinstance(three, Event)
    at = three.message.created_at
    assert told(await history.page(ann, general, 9, kinds=MOVES, since=at)) == [
        "member.joined",
        "3",
        "member.left",
        "4",
    ]
    assert told(await history.page(ann, general, 1, until=at)) == ["2"]


async def test_page_reads_and_joins_nothing(hub: Hub, history: History) -> None:
    _, general = await talk(hub)
    cat = await hub.agent("cat")
    head = hub.bus.head
    assert told(await history.page(cat, general, 1)) == ["4"]
    assert hub.bus.head == head
    assert not hub.directory.is_member(cat.id, general.id)


async def test_page_is_only_for_who_may_see_the_channel(hub: Hub, history: History) -> None:
    ann, general = await talk(hub)
    bob, cat = hub.directory.principal_by_name("bob"), await hub.agent("cat")
    guest = await hub.agent("visitor", role=Role.GUEST)
    assert bob is not None
    sent = await hub.messages.direct(ann, "bob", "between us")
    assert told(await history.page(bob, sent.channel, 9)) == ["@bob between us"]
    for stranger, place in ((cat, sent.channel), (guest, general)):
        with pytest.raises(NotFound):
            await history.page(stranger, place, 9)
    assert await history.missed(cat, [sent.channel.id], 0, 9) == []
    with pytest.raises(NotFound):
        await history.locate(cat, sent.message.id)


async def test_deleted_messages_are_gone_and_say_so_as_events(hub: Hub, history: History) -> None:
    ann = await hub.agent("ann")
    first, second = await hub.say(ann, "general", "one", "two")
    await hub.messages.delete(ann, first)
    general = await channel(hub, "general")
    assert told(await history.page(ann, general, 9, kinds=[EventKind.MESSAGE_DELETED])) == ["two", "message.deleted"]
    assert (await history.locate(ann, first)).seq < (await history.locate(ann, second)).seq


async def test_missed_goes_on_after_a_number_over_many_channels(hub: Hub, history: History) -> None:
    ann = await hub.agent("ann")
    names = ["general", "status", "alerts"]
    ids = []
    for number in range(12):
        ids += await hub.say(ann, names[number % 3], str(number))
    places = [(await channel(hub, name)).id for name in names]
    start = (await history.locate(ann, ids[1])).seq
    seen: list[Entry] = []
    while page := await history.missed(ann, places[:2], seen[-1].seq if seen else start, 3, MOVES):
        seen += page
    assert told(seen) == ["3", "4", "6", "7", "9", "10"]
    assert await history.missed(ann, [], 0, 3) == []
    assert await history.missed(ann, [new_id(hub.clock())], 0, 3) == []


async def test_locate_tells_channel_number_and_time(hub: Hub, history: History) -> None:
    ann = await hub.agent("ann")
    posted = await hub.messages.post(ann, "general", "here")
    assert await history.locate(ann, posted.message.id) == Place(
        await channel(hub, "general"), hub.bus.head, posted.message.created_at
    )
    for unknown in (new_id(hub.clock()), "no id at all"):
        with pytest.raises(NotFound):
            await history.locate(ann, unknown)


async def test_targets_are_own_channels_with_something_new(hub: Hub, history: History) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    start = hub.clock()
    await hub.say(bob, "general", "not ann's")
    await hub.say(ann, "status", "hers")
    await hub.messages.direct(bob, "ann", "hello")
    found = await history.targets(ann, start, hub.clock() + SECOND, 9)
    assert [(target.direct, at - start) for target, at in found] == [(False, SECOND), (True, 2 * SECOND)]
    assert [target.name for target, _ in await history.targets(ann, start, start + 2 * SECOND, 9)] == ["status"]


async def test_pages_have_a_greatest_size(hub: Hub, history: History) -> None:
    ann = await hub.agent("ann")
    await hub.messages.post(ann, "general", "1")
    general = await channel(hub, "general")
    drafts = [
        MessageDraft(new_id(hub.clock()), general, ann.id, ann.name, str(number), hub.clock())
        for number in range(PAGE + 5)
    ]
    await hub.store.write(lambda unit: unit.messages.append(drafts))
    assert len(await history.page(ann, general, 10 * PAGE)) == PAGE
    assert len(await history.page(ann, general, 0)) == 1


async def test_joined_tells_where_one_is_a_member_and_since_when(hub: Hub, history: History) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    await hub.say(ann, "general", "before bob")
    at = hub.clock()
    await hub.channels.join(bob, "general")
    general = (await channel(hub, "general")).id
    assert await history.joined(bob) == {general: at}
    assert (await history.joined(ann))[general] < at
