"""An answer that is shown as being written is finished with its message, or after a while, whatever happens."""

from pathlib import Path

import pytest

from airchat.protocol.timestamps import SECOND
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.bridges import Bridges
from hub.relay.contract.errors import NotReady, Refused
from hub.relay.outward import unfinished
from hub.relay.rules import Mirrored, Rules
from tests.hub.relay.rooms import ROOM, Rooms, make_rooms
from tests.hub.relay.unfinished.question import (
    QUESTION,
    Rigid,
    Watched,
    asked,
    begin,
    bridge,
    edit,
    newest,
    nothing_open,
    opened,
    shows,
)
from tests.waiting import eventually


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
    async with asked(make_rooms(tmp_path, ("east",), rules=rules, create=create)) as rooms:
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
