"""What was posted, nobody knows whether: it is never posted twice, and what is about it waits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.bridges import Bridges
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import NotReady, OutcomeUnknown, Refused
from hub.relay.outward import outlet
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import eventually


class Vague(LoopbackBridge):
    """Posts what is `unclear` without an answer, refuses what is `bad`, and looks for nothing, until it is told to."""

    clear: bool
    looks: Exception | None
    posts: Exception | None
    looked: int

    async def post(self, post: outbound.Post, names: Names) -> str:
        if "bad" in post.text and Vague.posts is not None:
            raise Vague.posts
        posted = await super().post(post, names)
        if "unclear" in post.text and not Vague.clear:
            raise OutcomeUnknown("the answer was lost")
        return posted

    async def find_sent(self, post: outbound.Post) -> str | None:
        Vague.looked += 1
        if Vague.looks is not None:
            raise Vague.looks
        return await super().find_sent(post)


@pytest.fixture
async def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rooms]:
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.0)
    Vague.clear, Vague.looks, Vague.posts, Vague.looked = False, None, None, 0
    async with make_rooms(tmp_path, ("east",), create=lambda name, east: Vague(east, name)) as rooms:
        yield rooms


async def test_post_of_unclear_outcome_that_became_a_dead_letter_is_looked_for_before_it_is_sent_again(
    rooms: Rooms,
) -> None:
    Vague.looks = Refused("the history is closed to the app")
    await rooms.hub.post("wren", "an unclear one")
    await eventually(lambda: _replayed(rooms, looks=None))
    await eventually(lambda: _at_rest(rooms))
    await rooms.same(1)
    assert Vague.looked == 2


async def test_what_is_about_a_post_of_unclear_outcome_waits_for_it_behind_a_dead_letter_that_is_replayed(
    rooms: Rooms,
) -> None:
    Vague.posts, Vague.looks = Refused("it is not to our taste"), NotReady("the history is slow", 0.05)
    await rooms.hub.post("wren", "a bad one")
    await rooms.hub.post("wren", "an unclear one")
    await eventually(lambda: Vague.looked > 0)
    Vague.posts = NotReady("the room is full", 0.05)
    await eventually(lambda: _replayed(rooms, looks=Vague.looks))
    [unclear] = rooms.platforms["east"].posts
    rooms.platforms["east"].write(ROOM, "Ann", "a reply", thread_id=unclear.id)
    rooms.platforms["east"].write(ROOM, "Ann", "another word")
    await eventually(lambda: _waits(rooms))
    await asyncio.sleep(0.5)  # in which something could be made of the reply
    assert await rooms.hub_has(2)
    Vague.posts = Vague.looks = None
    await eventually(lambda: rooms.hub_has(4))
    assert Shown("Ann", "a reply", "an unclear one") in await rooms.hub_shows()
    assert sorted(it.text for it in rooms.shown("east")) == ["a bad one", "a reply", "an unclear one", "another word"]


async def _at_rest(rooms: Rooms) -> bool:
    async with rooms.hub.store.read() as unit:
        return await unit.queues.backlogs() == []


async def _waits(rooms: Rooms) -> bool:
    async with rooms.hub.store.read() as unit:
        [link] = await unit.relay.links()
        return len(await unit.queues.waiting(link.id, 9)) == 2 and len(await unit.queues.due(link.id, 9)) == 2


async def _replayed(rooms: Rooms, *, looks: Exception | None) -> bool:
    """Replay the dead letter, once there is one."""
    owner = await system_principal(rooms.hub.store, system_clock, SYSTEM)
    bridges = Bridges(rooms.hub.store, system_clock, rooms.hub.directory)
    letters = await bridges.dead(owner)
    if letters:
        Vague.looks = looks
        assert await bridges.replay(owner, [letter.id for letter in letters]) == 1
    return bool(letters)
