"""A link is swept while its events are processed: none waits for the answer, and none is undone by an older one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Names, Window
from tests.hub.relay.rooms import ROOM, Shown, make_rooms
from tests.waiting import eventually


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
