"""Everything people do, carried from one platform to the hub and another one, and back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import PART_LENGTH, US
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.counters import Count
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import eventually


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    async with make_rooms(tmp_path) as rooms:
        yield rooms


async def test_message_is_edited_and_deleted_everywhere(rooms: Rooms) -> None:
    east = rooms.platforms["east"]
    post = east.write(ROOM, "Ann", "one")
    assert await rooms.same(1) == [Shown("Ann", "one")]
    east.edit(post.id, "two", "Ann")
    await eventually(lambda: [it.text for it in rooms.shown("west")] == ["two"])
    assert await rooms.same(1) == [Shown("Ann", "two")]
    east.delete(post.id, "Ann")
    await rooms.same(0)


async def test_hub_message_is_edited_and_deleted_everywhere(rooms: Rooms) -> None:
    wren = await rooms.hub.agent("wren")
    posted = await rooms.hub.post("wren", "one")
    await rooms.same(1)
    await rooms.hub.messages.edit(wren, posted.message.id, "two")
    await eventually(lambda: [it.text for it in rooms.shown("west")] == ["two"])
    await rooms.same(1)
    await rooms.hub.messages.delete(wren, posted.message.id)
    await rooms.same(0)


async def test_reactions_are_counted_as_one_from_elsewhere(rooms: Rooms) -> None:
    east, west = rooms.platforms["east"], rooms.platforms["west"]
    wren, otter = await rooms.hub.agent("wren"), await rooms.hub.agent("otter")
    post = east.write(ROOM, "Ann", "look")
    await rooms.same(1)
    [copy], [message] = west.posts, await rooms.hub.written()

    west.react(copy.id, "Bob", "👍")
    await eventually(lambda: east.posts[0].reactions == {(US, "👍")})
    await rooms.hub.reactions.add(wren, message.id, "👍")
    await rooms.hub.reactions.add(otter, message.id, "🎉")
    await eventually(lambda: west.posts[0].reactions == {("Bob", "👍"), (US, "👍"), (US, "🎉")})
    east.react(post.id, "Ann", "🎉")
    await rooms.same(1)

    west.react(copy.id, "Bob", "👍", added=False)
    await eventually(lambda: ("Bob", "👍") not in west.posts[0].reactions)
    await rooms.same(1)
    assert (US, "👍") in east.posts[0].reactions  # wren's is there still
    await rooms.hub.reactions.remove(wren, message.id, "👍")
    await eventually(lambda: (US, "👍") not in east.posts[0].reactions | west.posts[0].reactions)
    assert await rooms.same(1) == [Shown("Ann", "look", None, frozenset("🎉"))]


async def test_replies_are_in_their_threads(rooms: Rooms) -> None:
    east, west = rooms.platforms["east"], rooms.platforms["west"]
    root = east.write(ROOM, "Ann", "question")
    await rooms.same(1)
    west.write(ROOM, "Bob", "answer", thread_id=west.posts[0].id)
    await rooms.same(2)
    await rooms.hub.post("wren", "another", parent=await rooms.hub.find("answer"))
    shown = await rooms.same_in_rooms(3)
    assert [it.thread for it in shown] == [None, "question", "question"]
    assert east.posts[1].thread_id == root.id


async def test_files_travel_with_their_message_and_alone(rooms: Rooms) -> None:
    east, west = rooms.platforms["east"], rooms.platforms["west"]
    east.write(ROOM, "Ann", "see", files=(("a.txt", b"aaa"), ("b.txt", b"bb")))
    east.write(ROOM, "Ann", "", files=(("c.png", b"picture"),))
    assert await rooms.same(2) == [
        Shown("Ann", "see", files=("a.txt", "b.txt")),
        Shown("Ann", "", files=("c.png",)),
    ]
    assert [post.files for post in west.posts] == [(("a.txt", b"aaa"), ("b.txt", b"bb")), (("c.png", b"picture"),)]


async def test_file_that_is_too_large_is_told_of(rooms: Rooms) -> None:
    rooms.platforms["east"].write(ROOM, "Ann", "see", files=(("big.bin", b"x" * 100_001), ("small.txt", b"s")))
    told = [Shown("Ann", "see\n(file big.bin: too large)", files=("small.txt",))]
    await eventually(lambda: rooms.shown("west") == told)
    assert await rooms.hub_shows() == told


async def test_split_message_grows_and_shrinks(rooms: Rooms) -> None:
    west = rooms.platforms["west"]
    wren = await rooms.hub.agent("wren")
    words = " ".join(str(number) for number in range(600))
    posted = (await rooms.hub.post("wren", words)).message
    await eventually(lambda: len(west.posts) == 3)
    assert " ".join(post.text for post in west.posts) == words
    ids = [post.id for post in west.posts]

    longer = f"{words} {'end ' * (PART_LENGTH // 4)}".strip()
    await rooms.hub.messages.edit(wren, posted.id, longer)
    await eventually(lambda: len(west.posts) == 4)
    await eventually(lambda: " ".join(post.text for post in west.posts) == longer)
    assert [post.id for post in west.posts[:3]] == ids
    assert [post.version for post in west.posts] == [0, 0, 1, 0]  # only what differs is edited

    await rooms.hub.messages.edit(wren, posted.id, "short")
    await eventually(lambda: [post.text for post in west.posts] == ["short"])
    await rooms.hub.messages.edit(wren, posted.id, words)
    await eventually(lambda: " ".join(post.text for post in west.posts) == words)
    await rooms.hub.messages.delete(wren, posted.id)
    await eventually(lambda: not west.posts)


async def test_topic_is_mirrored_and_does_not_come_back(rooms: Rooms) -> None:
    east, west = rooms.platforms["east"], rooms.platforms["west"]
    east.set_topic(ROOM, "news", "Ann")
    await eventually(lambda: west.topics.get(ROOM) == "news")
    channel = await rooms.hub.directory.find_channel("general")
    assert channel is not None
    assert (channel.topic, channel.topic_by) == ("news", "Ann")
    wren = await rooms.hub.agent("wren")
    await rooms.hub.channels.join(wren, "general")
    await rooms.hub.channels.update(wren, "general", topic="olds")
    await eventually(lambda: (east.topics[ROOM], west.topics[ROOM]) == ("olds", "olds"))


async def test_copy_that_a_moderator_removes_is_gone_there_alone(rooms: Rooms) -> None:
    west, wren = rooms.platforms["west"], await rooms.hub.agent("wren")
    posted = (await rooms.hub.post("wren", "spam?")).message
    await rooms.same(1)
    west.delete(west.posts[0].id, "moderator")
    await rooms.hub.messages.edit(wren, posted.id, "no spam")
    await eventually(lambda: [it.text for it in rooms.shown("east")] == ["no spam"])
    assert (rooms.shown("west"), len(await rooms.hub.written())) == ([], 1)


async def test_archiving_is_told_and_what_is_written_meanwhile_stays_there(rooms: Rooms) -> None:
    east, hub = rooms.platforms["east"], rooms.hub
    before, gone = (east.write(ROOM, "Ann", text) for text in ("before", "gone"))
    await rooms.same(2)
    system = await system_principal(hub.store, system_clock, SYSTEM)
    await hub.channels.update(system, "general", archived=True)
    await eventually(lambda: east.posts[-1].notice)
    assert east.posts[-1].text.split(":")[0] == "archived this channel on the hub"
    east.write(ROOM, "Ann", "is anybody there?")
    east.edit(before.id, "as before", "Ann")
    east.react(before.id, "Ann", "🎉")
    east.delete(gone.id, "Ann")
    east.set_topic(ROOM, "nobody's", "Ann")
    await eventually(lambda: _processed(rooms, 8))
    await hub.restart()
    await rooms.connected()
    await hub.channels.update(system, "general", archived=False)
    await eventually(lambda: east.posts[-1].text == "brought this channel back on the hub")
    east.write(ROOM, "Ann", "again")
    await eventually(lambda: _shows(rooms, Shown("Ann", "as before", reactions=frozenset("🎉")), Shown("Ann", "again")))
    async with hub.store.read() as unit:
        assert await unit.queues.dead_received(10) == []
    assert sum(post.notice for post in east.posts) == 2


async def test_what_happens_while_a_link_is_paused_is_carried_when_it_is_resumed(rooms: Rooms) -> None:
    east, hub = rooms.platforms["east"], rooms.hub
    first = east.write(ROOM, "Ann", "first")
    await rooms.same(1)
    [link] = hub.relay.links.all("east")
    await hub.relay.links.pause(link.id, paused=True)
    east.write(ROOM, "Ann", "second")
    east.edit(first.id, "first of all", "Ann")
    await hub.post("wren", "from here")
    await eventually(lambda: rooms.shown("west")[-1].text == "from here")
    await hub.restart()
    await rooms.connected()
    for text in ("third", "fourth"):
        east.write(ROOM, "Ann", text)
    await eventually(lambda: _waiting(rooms, link.id, 4))
    assert [it.text for it in await rooms.hub_shows()] == ["first", "from here"]
    assert [it.text for it in rooms.shown("east")] == ["first of all", "second", "third", "fourth"]
    await hub.relay.links.pause(link.id, paused=False)
    here = await rooms.same(5)
    assert [it.text for it in here] == ["first of all", "from here", "second", "third", "fourth"]
    async with hub.store.read() as unit:
        assert (await unit.queues.dead_received(10), await unit.queues.dead_outgoing(10)) == ([], [])


async def _processed(rooms: Rooms, count: int) -> bool:
    """Tell whether the hub has received so much in the east, and is done with it."""
    received = rooms.hub.relay.counters.of("east").get(Count.RECEIVED, 0)
    async with rooms.hub.store.read() as unit:
        return received >= count and not any(it.received for it in await unit.queues.backlogs())


async def _waiting(rooms: Rooms, link_id: str, count: int) -> bool:
    async with rooms.hub.store.read() as unit:
        return len(await unit.queues.waiting(link_id, 10)) == count


async def _shows(rooms: Rooms, *wanted: Shown) -> bool:
    return await rooms.hub_shows() == list(wanted)
