"""Everything people do, carried from one platform to the hub and another one, and back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import PART_LENGTH, US
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import eventually


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    rooms = make_rooms(tmp_path)
    await rooms.hub.start()
    await rooms.connected()
    yield rooms
    await rooms.hub.stop()


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


async def test_archiving_is_told_and_what_is_written_meanwhile_is_kept(rooms: Rooms) -> None:
    east, hub = rooms.platforms["east"], rooms.hub
    system = await system_principal(hub.store, system_clock, SYSTEM)
    await hub.channels.update(system, "general", archived=True)
    await eventually(lambda: len(east.posts) == 1)
    assert (east.posts[0].notice, east.posts[0].text.split(":")[0]) == (True, "archived this channel on the hub")
    east.write(ROOM, "Ann", "is anybody there?")

    async def waits() -> bool:
        async with hub.store.read() as unit:
            return bool(await unit.queues.dead_received(10))

    await eventually(waits)
    await hub.channels.update(system, "general", archived=False)
    await eventually(lambda: east.posts[-1].text == "brought this channel back on the hub")
