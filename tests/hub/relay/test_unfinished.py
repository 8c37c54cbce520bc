"""An answer that is shown as being written is finished with its message, or after a while, whatever happens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.messages import Message
from airchat.protocol.timestamps import MINUTE, SECOND
from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform, Post
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.bridges import Bridges
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Capability, Names
from hub.relay.contract.errors import CannotCarry, NotReady, OutcomeUnknown, Refused
from hub.relay.outward import lanes, outlet, unfinished
from hub.relay.outward.outlet import Outlet
from hub.relay.rules import Mirrored, Rules
from tests.hanging import hang
from tests.hub.relay.rooms import ROOM, Rooms, make_rooms
from tests.waiting import eventually

QUESTION = "how far is it?"


class Watched(LoopbackBridge):
    """Remembers the edits that it made, fails on them as it is told to, and loses the answer to a post once."""

    edits: list[outbound.Edit]
    fails: Exception | None
    tried: int
    lost: bool
    streams: bool

    async def post(self, post: outbound.Post, names: Names) -> str:
        if post.unfinished and not Watched.streams:
            raise CannotCarry("not this time")
        posted = await super().post(post, names)
        if Watched.lost and post.unfinished:
            Watched.lost = False
            raise OutcomeUnknown("the answer was lost")
        return posted

    async def change(self, change: outbound.Change, names: Names) -> None:
        if isinstance(change, outbound.Edit):
            Watched.tried += 1
            if Watched.fails is not None:
                raise Watched.fails
            Watched.edits.append(change)
        await super().change(change, names)


class Plain(LoopbackBridge):
    """Shows nothing as being written."""

    capabilities = frozenset(Capability) - {Capability.STREAM}


class Rigid(LoopbackBridge):
    """Can change nothing that was posted."""

    capabilities = frozenset(Capability) - {Capability.EDIT}


def bridge(name: str, platform: LoopbackPlatform) -> LoopbackBridge:
    return Watched(platform, name) if name == "east" else Plain(platform, name)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than they have to, and nothing is refused or lost yet."""
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.02)
    monkeypatch.setattr(lanes, "_IDLE_SECONDS", 0.02)
    monkeypatch.setattr(lanes, "backoff", lambda _: 0.02)
    monkeypatch.setattr(unfinished, "_AGAIN", SECOND // 20)
    Watched.edits, Watched.fails, Watched.tried, Watched.lost = [], None, 0, False
    Watched.streams = True


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A question that was asked in the east, where answers are shown as being written, as they are not in the west."""
    rooms = make_rooms(tmp_path, create=bridge)
    await rooms.hub.start()
    await rooms.connected()
    await rooms.hub.linked()
    rooms.platforms["east"].write(ROOM, "Ann", QUESTION)
    await rooms.same(1)
    yield rooms
    await rooms.hub.stop()


async def begin(rooms: Rooms, text: str = "working", to: str = QUESTION) -> Message:
    """Post what tells of an answer that is being written."""
    return (await rooms.hub.post("wren", text, parent=await rooms.hub.find(to), unfinished=True)).message


async def edit(rooms: Rooms, message: Message, text: str, *, still: bool = False) -> None:
    await rooms.hub.messages.edit(await rooms.hub.agent("wren"), message.id, text, unfinished=still)


def newest(rooms: Rooms, place: str = "east") -> Post:
    return rooms.platforms[place].posts[-1]


async def shows(rooms: Rooms, text: str, *, still: bool, place: str = "east") -> None:
    """Wait until the newest post says that, and is shown as being written or not."""
    await eventually(lambda: (newest(rooms, place).text, newest(rooms, place).unfinished) == (text, still))


async def test_answer_is_shown_as_being_written_where_that_can_be_shown_until_it_is_there(rooms: Rooms) -> None:
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    await shows(rooms, "working", still=False, place="west")
    await edit(rooms, message, "working still", still=True)
    await shows(rooms, "working still", still=True)
    await edit(rooms, message, "it is done")
    await shows(rooms, "it is done", still=False)
    await shows(rooms, "it is done", still=False, place="west")
    await rooms.same(2)
    assert [(it.unfinished, it.finishes) for it in Watched.edits] == [(True, False), (False, True)]
    assert {it.token for it in Watched.edits} == {newest(rooms).token}
    await edit(rooms, message, "it is not", still=True)
    await shows(rooms, "it is not", still=False)


async def test_edit_with_the_same_text_only_finishes(rooms: Rooms) -> None:
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    await edit(rooms, message, "working")
    await shows(rooms, "working", still=False)
    assert [it.finishes for it in Watched.edits] == [True]


async def test_what_cannot_be_shown_so_is_posted_and_edited_like_any_other_over_a_start_of_the_hub_too(
    rooms: Rooms,
) -> None:
    Watched.streams = False
    message = await begin(rooms)
    await shows(rooms, "working", still=False)
    assert await opened(rooms) == []
    await edit(rooms, message, "further", still=True)
    await shows(rooms, "further", still=False)
    Watched.streams = True
    await rooms.hub.restart()
    await edit(rooms, message, "done")
    await shows(rooms, "done", still=False)
    await rooms.same(2)
    assert [(it.text, it.unfinished, it.finishes) for it in Watched.edits] == [
        ("further", False, False),
        ("done", False, False),
    ]


async def test_only_in_a_thread_in_which_somebody_of_the_platform_spoke_it_is_shown_so(rooms: Rooms) -> None:
    rooms.platforms["west"].write(ROOM, "Bob", "a question from the west")
    await rooms.same(2)
    message = await begin(rooms, to="a question from the west")
    await shows(rooms, "working", still=False)
    await edit(rooms, message, "done")
    await shows(rooms, "done", still=False)
    assert [(it.unfinished, it.finishes) for it in Watched.edits] == [(False, False)]
    root = newest(rooms).thread_id
    rooms.platforms["east"].write(ROOM, "Ann", "and from the east", thread_id=root)
    await rooms.same_in_rooms(4)
    await begin(rooms, "again", to="and from the east")
    await shows(rooms, "again", still=True)


async def test_answer_of_several_pieces_finishes_with_its_first(rooms: Rooms) -> None:
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    text = "".join(f"{number:04d} " for number in range(500))
    await edit(rooms, message, text)
    await eventually(lambda: len(rooms.platforms["east"].posts) == 4)
    said = [post for post in rooms.platforms["east"].posts if post.text != QUESTION]
    assert "".join(post.text.strip() + " " for post in said).split() == text.split()
    assert not any(post.unfinished for post in said)


async def test_deleted_while_it_is_open_it_is_gone(rooms: Rooms) -> None:
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    await rooms.hub.messages.delete(await rooms.hub.agent("wren"), message.id)
    await rooms.same(1)
    assert await opened(rooms) == []


async def test_what_is_open_for_too_long_is_finished_and_becomes_the_answer_later(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "OPEN_FOR", SECOND // 5)
    message = await begin(rooms)
    await eventually(lambda: bool(Watched.edits))
    await shows(rooms, "working", still=False)
    assert [(it.text, it.finishes) for it in Watched.edits] == [("working", True)]
    await rooms.hub.post("wren", "something else")
    await rooms.same(3)
    await edit(rooms, message, "done")
    await rooms.same(3)
    assert [(it.unfinished, it.finishes) for it in Watched.edits] == [(False, True), (False, False)]


async def test_hub_that_starts_again_finishes_what_nobody_finishes(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(rooms)
    await shows(rooms, "working", still=True)
    await rooms.hub.stop()
    monkeypatch.setattr(unfinished, "OPEN_FOR", 0)
    await rooms.hub.start()
    await shows(rooms, "working", still=False)
    await eventually(lambda: nothing_open(rooms))


async def test_hub_that_starts_again_goes_on(rooms: Rooms) -> None:
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    await rooms.hub.restart()
    await edit(rooms, message, "further", still=True)
    await shows(rooms, "further", still=True)
    await edit(rooms, message, "done")
    await shows(rooms, "done", still=False)
    assert [it.finishes for it in Watched.edits] == [False, True]


async def test_what_was_begun_and_not_heard_of_is_there_once_and_finished(rooms: Rooms) -> None:
    Watched.lost = True
    message = await begin(rooms)
    await shows(rooms, "working", still=False)
    await rooms.same(2)
    await edit(rooms, message, "done")
    await rooms.same(2)
    assert await opened(rooms) == []


async def test_link_that_rests_meanwhile_finishes_it_afterwards(rooms: Rooms) -> None:
    owner = await system_principal(rooms.hub.store, system_clock, SYSTEM)
    links = Bridges(rooms.hub.store, system_clock, rooms.hub.directory)
    message = await begin(rooms)
    await shows(rooms, "working", still=True)
    east = next(link.id for link in rooms.hub.relay.links.all() if link.platform == "east")
    await links.pause(owner, east, paused=True)
    await eventually(lambda: rooms.hub.relay.links.get(east).paused)  # type: ignore[union-attr]
    await edit(rooms, message, "done")
    await shows(rooms, "done", still=False, place="west")
    assert (newest(rooms).text, newest(rooms).unfinished) == ("working", True)
    await links.pause(owner, east, paused=False)
    await shows(rooms, "done", still=False)
    await rooms.same(2)


async def test_what_cannot_be_finished_delays_nothing_else(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "OPEN_FOR", 0)
    Watched.fails = NotReady("not now", 0.01)
    await begin(rooms)
    await eventually(lambda: Watched.tried > 2)
    await rooms.hub.post("wren", "something else")
    await shows(rooms, "something else", still=False)
    Watched.fails = None
    await eventually(lambda: nothing_open(rooms))
    await rooms.same(3)


@pytest.mark.parametrize("error", [Refused("never"), ValueError("a mistake")])
async def test_what_is_refused_to_be_finished_is_left_and_is_no_dead_letter(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(unfinished, "OPEN_FOR", 0)
    Watched.fails = error
    await begin(rooms)
    tries = 1 if isinstance(error, Refused) else 5
    await eventually(lambda: Watched.tried == tries)
    await rooms.hub.post("wren", "something else")
    await shows(rooms, "something else", still=False)
    await rooms.same(3)
    assert Watched.tried == tries
    async with rooms.hub.store.read() as unit:
        assert await unit.queues.dead_outgoing(9) == []


@pytest.mark.parametrize("mirrored", [True, False])
async def test_where_edits_are_not_shown_an_answer_is_posted_when_it_is_finished(
    tmp_path: Path, mirrored: bool
) -> None:
    rules = Rules(mirror=frozenset(Mirrored) - (set() if mirrored else {Mirrored.EDITS}))
    create = (lambda name, platform: Rigid(platform, name)) if mirrored else bridge
    rooms = make_rooms(tmp_path, ("east",), rules=rules, create=create)
    await rooms.hub.start()
    try:
        await rooms.connected()
        await rooms.hub.linked()
        rooms.platforms["east"].write(ROOM, "Ann", QUESTION)
        await rooms.same(1)
        message = await begin(rooms)
        await edit(rooms, message, "working still", still=True)
        await rooms.hub.post("wren", "something else")
        await shows(rooms, "something else", still=False)
        assert [post.text for post in rooms.platforms["east"].posts] == [QUESTION, "something else"]
        await edit(rooms, message, "done")
        await rooms.same(3)
        await rooms.hub.restart()
        await rooms.hub.post("wren", "the last word")
        await rooms.same(4)
        assert [post.text for post in rooms.platforms["east"].posts][2:] == ["done", "the last word"]
    finally:
        await rooms.hub.stop()


@pytest.mark.parametrize(("owner", "name"), [(Rigid, "post"), (Outlet, "record")])
async def test_crash_while_it_is_posted_when_it_is_finished_leaves_it_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    rooms = make_rooms(tmp_path, ("east",), create=lambda name, platform: Rigid(platform, name))
    await rooms.hub.start()
    try:
        await rooms.connected()
        await rooms.hub.linked()
        rooms.platforms["east"].write(ROOM, "Ann", QUESTION)
        await rooms.same(1)
        message = await begin(rooms)
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, 0)
            await edit(rooms, message, "done")
            await eventually(reached.is_set)
            await rooms.hub.stop()
        await rooms.hub.start()
        await rooms.same(2)
    finally:
        await rooms.hub.stop()


# Where the hub stops for ever, the call before which it does so (0: the first), and what that is.
POINTS = [
    pytest.param(Watched, "post", 0, id="before it is begun"),
    pytest.param(Outlet, "record", 0, id="after it is begun, before that is recorded"),
    pytest.param(Watched, "change", 0, id="before it is renewed"),
    pytest.param(Outlet, "save_pair", 1, id="after it is renewed, before that is recorded"),
    pytest.param(Watched, "change", 1, id="between renewing and finishing"),
    pytest.param(Outlet, "save_pair", 3, id="after it is finished, before that is recorded"),
]


@pytest.mark.parametrize(("owner", "name", "skip"), POINTS)
async def test_crash_leaves_one_answer_that_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, skip: int
) -> None:
    rooms = make_rooms(tmp_path, ("east",), create=bridge)
    await rooms.hub.start()
    try:
        await rooms.connected()
        await rooms.hub.linked()
        rooms.platforms["east"].write(ROOM, "Ann", QUESTION)
        await rooms.same(1)
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, skip)
            message = await begin(rooms)
            for text in ("working", "further"):
                await eventually(lambda text=text: reached.is_set() or newest(rooms).text == text)  # type: ignore[misc]
                await edit(rooms, message, "further" if text == "working" else "done", still=text == "working")
            await eventually(reached.is_set)
            await rooms.hub.stop()
        await rooms.hub.start()
        await shows(rooms, "done", still=False)
        await rooms.same(2)
        await eventually(lambda: nothing_open(rooms))
    finally:
        await rooms.hub.stop()


async def opened(rooms: Rooms) -> list[str]:
    """Return the messages that are kept as open, over any link."""
    async with rooms.hub.store.read() as unit:
        links = await unit.relay.links()
        pairs = [it for link in links for it in await unit.counterparts.recent(link.id, system_clock() - MINUTE, 99)]
    return [pair.message_id for pair in pairs if unfinished.is_open(pair)]


async def nothing_open(rooms: Rooms) -> bool:
    return not await opened(rooms) and not any(post.unfinished for post in rooms.platforms["east"].posts)
