"""What comes too early waits for what it is about, and only so long; who may not is not heard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.platform import Happening
from hub.relay.contract.bridge import RawEvent
from hub.relay.inward import arrivals
from hub.relay.inward.inbox import Inbox
from hub.relay.rules import Mirrored, Rules
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import eventually


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    async with make_rooms(tmp_path) as rooms:
        yield rooms


async def started(folder: Path, rules: Rules, before: int = 0) -> Rooms:
    rooms = make_rooms(folder, rules=rules)
    for number in range(before):
        rooms.platforms["east"].write(ROOM, "Ann", f"before {number}")
    await rooms.hub.start()
    await rooms.connected()
    return rooms


async def waiting(rooms: Rooms) -> list[str | None]:
    async with rooms.hub.store.read() as unit:
        link = next(it for it in await unit.relay.links() if it.platform == "east")
        return [it.waits_for for it in await unit.queues.held_since(link.id, 2**62, 10)]


def early(rooms: Rooms, kind: str, number: str, **detail: object) -> None:
    """Let an event come by itself, as if what was before it were on another connection."""
    for listener in rooms.platforms["east"].listeners:
        listener.put_nowait(Happening(number, ROOM, kind, "Ann", detail))


async def test_edit_and_reaction_that_come_first_wait_for_their_message(rooms: Rooms) -> None:
    east = rooms.platforms["east"]
    early(rooms, "react", "000000000008", id="000000000001", emoji="👍", added=True)
    early(rooms, "edit", "000000000009", id="000000000001", text="two", version=1)

    async def held() -> bool:
        return await waiting(rooms) == ["000000000001", "000000000001"]

    await eventually(held)
    east.write(ROOM, "Ann", "one")

    async def done() -> bool:
        return await rooms.hub_shows() == [Shown("Ann", "two", None, frozenset("👍"))]

    await eventually(done)
    assert await waiting(rooms) == []


async def test_older_edit_does_not_replace_a_newer_one(rooms: Rooms) -> None:
    east = rooms.platforms["east"]
    post = east.write(ROOM, "Ann", "one")
    await rooms.same(1)
    early(rooms, "edit", "000000000102", id=post.id, text="three", version=2)
    await eventually(lambda: [it.text for it in rooms.shown("west")] == ["three"])
    early(rooms, "edit", "000000000101", id=post.id, text="two", version=1)
    east.write(ROOM, "Ann", "next")
    await eventually(lambda: len(rooms.shown("west")) == 2)
    assert [it.text for it in rooms.shown("west")] == ["three", "next"]


async def test_what_waited_in_vain_is_given_up(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    early(rooms, "delete", "000000000009", id="000000000001")

    async def held() -> bool:
        return await waiting(rooms) == ["000000000001"]

    await eventually(held)
    monkeypatch.setattr(arrivals, "HELD_SECONDS", 0)

    async def given_up() -> bool:
        return await waiting(rooms) == []

    await eventually(given_up)
    assert rooms.hub.relay.counters.of("east")["held_in_vain"] == 1


async def test_messages_from_before_the_link_are_read_in_if_wanted(tmp_path: Path) -> None:
    rooms = await started(tmp_path, Rules(backfill=2), before=5)

    async def read_in() -> bool:
        return [it.content for it in await rooms.hub.written()] == ["before 3", "before 4"]

    await eventually(read_in)
    await eventually(lambda: [it.text for it in rooms.shown("west")] == ["before 3", "before 4"])
    await rooms.hub.restart()
    await rooms.connected()
    rooms.platforms["east"].write(ROOM, "Ann", "after")
    await eventually(lambda: [it.text for it in rooms.shown("west")] == ["before 3", "before 4", "after"])
    await rooms.hub.stop()


async def test_only_commanders_call_agents_and_the_ignored_are_not_heard(tmp_path: Path) -> None:
    rooms = await started(tmp_path, Rules(commanders=("Ann",), ignore=("Bob",)))
    wren, east = await rooms.hub.agent("wren"), rooms.platforms["east"]
    east.write(ROOM, "Bob", "@wren I am not heard")
    said = east.write(ROOM, "Cid", "@wren I may not")
    east.edit(said.id, "@wren I may not either", "Cid")
    east.write(ROOM, "Ann", "@wren please")

    async def called() -> bool:
        async with rooms.hub.store.read() as unit:
            found = await unit.messages.mentions_of(wren.id, 10, unread_only=False)
        return [message.content for _, message, _ in found] == ["@wren please"]

    await eventually(called)
    assert [it.content for it in await rooms.hub.written()] == ["@wren I may not either", "@wren please"]
    await rooms.hub.stop()


async def test_what_is_not_mirrored_stays_where_it_is(tmp_path: Path) -> None:
    rooms = await started(tmp_path, Rules(mirror=frozenset({Mirrored.DELETES})))
    east = rooms.platforms["east"]
    post = east.write(ROOM, "Ann", "one", files=(("a.txt", b"a"),))
    await eventually(lambda: len(rooms.shown("west")) == 1)
    east.edit(post.id, "two", "Ann")
    east.react(post.id, "Ann", "👍")
    east.write(ROOM, "Ann", "in a thread", thread_id=post.id)
    east.set_topic(ROOM, "news", "Ann")
    east.write(ROOM, "Ann", "last")
    await eventually(lambda: len(rooms.shown("west")) == 2)
    assert rooms.shown("west") == [Shown("Ann", "one\n(file a.txt)"), Shown("Ann", "last")]
    assert rooms.platforms["west"].topics == {}
    east.delete(post.id, "Ann")
    await eventually(lambda: rooms.shown("west") == [Shown("Ann", "last")])
    await rooms.hub.stop()


async def test_joins_are_told_where_they_are_wanted(tmp_path: Path) -> None:
    rooms = await started(tmp_path, Rules(mirror=frozenset({Mirrored.JOINS})))
    rooms.platforms["east"].member(ROOM, "Ann")
    await eventually(lambda: Shown("Ann", "joined") in rooms.shown("west"))
    rooms.platforms["east"].member(ROOM, "Ann", joined=False)
    await eventually(lambda: Shown("Ann", "left") in rooms.shown("west"))
    assert rooms.shown("east") == []
    await rooms.hub.stop()


async def test_channel_that_becomes_private_is_mirrored_no_longer(rooms: Rooms) -> None:
    from airchat.protocol.channels import ModeChange
    from hub.core.clock import system_clock
    from hub.core.moderation import Moderation
    from hub.core.system import SYSTEM, system_principal

    await rooms.hub.post("wren", "open")
    await rooms.same(1)
    system = await system_principal(rooms.hub.store, system_clock, SYSTEM)
    channel = await rooms.hub.directory.find_channel("general")
    assert channel is not None
    moderation = Moderation(rooms.hub.store, system_clock, rooms.hub.directory)
    await moderation.change(system, channel, [ModeChange(True, "secret")])
    wren = await rooms.hub.agent("wren")
    await rooms.hub.messages.post(wren, "general", "between us")
    rooms.platforms["east"].write(ROOM, "Ann", "knock knock")
    await moderation.change(system, channel, [ModeChange(False, "secret")])
    await rooms.hub.post("wren", "open again")
    await eventually(lambda: [it.text for it in rooms.shown("west")][-1:] == ["open again"])
    assert "between us" not in {it.text for name in rooms.platforms for it in rooms.shown(name)}


async def test_raw_events_of_channels_that_are_not_linked_are_not_kept(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[RawEvent] = []
    accept = Inbox.accept

    async def keep(self: Inbox, event: RawEvent) -> None:
        kept.append(event)
        await accept(self, event)

    monkeypatch.setattr(Inbox, "accept", keep)
    rooms.platforms["east"].write("elsewhere", "Ann", "secret")
    rooms.platforms["east"].write(ROOM, "Ann", "said")
    await rooms.same(1)
    async with rooms.hub.store.read() as unit:
        backlog = await unit.queues.backlogs()
    assert (len(kept) >= 2, backlog, rooms.hub.relay.counters.of("east")["received"]) == (True, [], 1)
