"""A link is swept while its events are processed: none waits for the answer, and none is undone by an older one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Names, Window
from hub.relay.inward import inbox
from hub.relay.outward import outlet
from hub.relay.outward.outlet import Outlet
from tests.hanging import hang
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import SECONDS, eventually


class Slow(LoopbackBridge):
    """Says how things stood when it was asked, some time later."""

    asked: int
    answer: asyncio.Event

    async def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        found = [current async for current in super().sweep(window, names)]
        Slow.asked += 1
        await Slow.answer.wait()
        for current in found:
            yield current


class Forgetful(LoopbackBridge):
    """Finds what it posted once it is told to; counts how often it was swept."""

    swept: int
    found: asyncio.Event

    async def find_sent(self, post: outbound.Post) -> str | None:
        await Forgetful.found.wait()
        return await super().find_sent(post)

    async def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        async for current in super().sweep(window, names):
            yield current
        Forgetful.swept += 1


def slow(name: str, rooms: LoopbackPlatform) -> LoopbackBridge:
    return Slow(rooms, name)


async def test_events_are_processed_while_a_link_is_swept_and_not_undone_by_it(tmp_path: Path) -> None:
    Slow.asked, Slow.answer = 0, asyncio.Event()
    rooms = make_rooms(tmp_path, ("east",), create=slow)
    east = rooms.platforms["east"]
    await rooms.hub.start()
    try:
        await rooms.connected()
        first, second = (east.write(ROOM, "Ann", text) for text in ("first", "second"))

        async def here(*wanted: Shown) -> bool:
            return await rooms.hub_shows() == list(wanted)

        await eventually(lambda: here(Shown("Ann", "first"), Shown("Ann", "second")))
        await rooms.hub.stop()
        east.edit(second.id, "missed", "Ann")
        Slow.asked = 0
        await rooms.hub.start()
        await eventually(lambda: Slow.asked == 1)

        east.react(first.id, "Ann", "🎉")
        east.write(ROOM, "Ann", "third")
        told = Shown("Ann", "first", reactions=frozenset("🎉")), Shown("Ann", "third")
        await eventually(lambda: here(told[0], Shown("Ann", "second"), told[1]))
        Slow.answer.set()
        await eventually(lambda: here(told[0], Shown("Ann", "missed"), told[1]))
        await eventually(lambda: Slow.asked == 2)
        await asyncio.sleep(0.3)  # what would be undone, is now
        assert await here(told[0], Shown("Ann", "missed"), told[1])
    finally:
        await rooms.hub.stop()


async def test_reactions_missed_on_a_post_of_unclear_outcome_are_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Forgetful.swept, Forgetful.found = 0, asyncio.Event()
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(inbox, "_IDLE_SECONDS", 3_600.0)  # that the post is known, is told
    rooms = make_rooms(tmp_path, ("east",), create=lambda name, east: Forgetful(east, name))
    east = rooms.platforms["east"]
    await rooms.hub.start()
    try:
        await rooms.connected()
        first = east.write(ROOM, "Ann", "first")
        await eventually(lambda: _same(rooms, 1))
        with monkeypatch.context() as patch:
            reached = hang(patch, Outlet, "record", 0)
            await rooms.hub.post("wren", "second")
            await asyncio.wait_for(reached.wait(), SECONDS)
            await rooms.hub.stop()
        second = next(post for post in east.posts if post.text == "second")
        for post in (first, second):
            east.react(post.id, "Ann", "🎉")
        Forgetful.swept = 0
        await rooms.hub.start()
        await eventually(lambda: _reacted(rooms))
        assert Forgetful.swept == 1, "in which nobody knows what the second is"
        await asyncio.sleep(0.1)  # there is nothing to do for the link now
        Forgetful.found.set()
        await eventually(lambda: _same(rooms, 2))
        assert {it.reactions for it in await rooms.hub_shows()} == {frozenset("🎉")}
        await rooms.hub.post("wren", "third")
        await eventually(lambda: _same(rooms, 3))
        assert Forgetful.swept == 2, "once is enough"
    finally:
        await rooms.hub.stop()


async def _reacted(rooms: Rooms) -> bool:
    return any(it.reactions for it in await rooms.hub_shows())


async def _same(rooms: Rooms, count: int) -> bool:
    here = await rooms.hub_shows()
    return len(here) == count and sorted(rooms.shown("east")) == sorted(here)
