"""After an interruption channels are read up; what just happened in one of them waits for that one alone."""

import asyncio
from pathlib import Path

from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from hub.relay.contract.bridge import Intake, LinkedChannel
from hub.relay.contract.desk import Desk
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from hub.relay.turns import Turns
from tests.hub.relay.hub import CHANNEL, Hub
from tests.hub.relay.rooms import ROOM, Rooms, Shown
from tests.waiting import eventually

OTHERS = 5


class OneByOne(LoopbackBridge):
    """Reads one room at a time, when it may."""

    begun: list[str]
    asked: set[str]
    may: asyncio.Semaphore
    turns: Turns
    intake: Intake

    async def run(self, intake: Intake, desk: Desk) -> None:
        OneByOne.intake = intake
        await super().run(intake, desk)

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        OneByOne.asked.add(channel.remote_channel)
        async with OneByOne.turns.take(channel.pressing):
            OneByOne.begun.append(channel.remote_channel)
            await super().read_up(channel, intake)


async def test_message_of_a_channel_does_not_wait_for_the_reading_of_others(tmp_path: Path) -> None:
    OneByOne.begun, OneByOne.asked, OneByOne.may = [], set(), asyncio.Semaphore(100)
    OneByOne.turns = Turns(_allowed)
    east = LoopbackPlatform()
    links = [ConfiguredLink(f"other-{number}", "east", f"room-{number}") for number in range(OTHERS)]
    hub = Hub(
        tmp_path, [Platform("east", lambda: OneByOne(east, "east"))], [*links, ConfiguredLink(CHANNEL, "east", ROOM)]
    )
    rooms = Rooms(hub, {"east": east})
    await hub.start()
    try:
        await rooms.connected()
        east.write(ROOM, "Ann", "first")
        east.write("room-0", "Ann", "elsewhere")
        await eventually(lambda: rooms.hub_has(1))
        await eventually(lambda: len(OneByOne.begun) == OTHERS + 1)
        OneByOne.begun, OneByOne.asked, OneByOne.may = [], set(), asyncio.Semaphore(0)
        OneByOne.intake.listening()
        await eventually(lambda: OneByOne.turns.taken)
        east.write(ROOM, "Ann", "second")
        await eventually(lambda: _received(hub, 1))
        await eventually(lambda: ROOM in OneByOne.asked)
        OneByOne.may.release()
        await eventually(lambda: rooms.hub_has(2))
        assert OneByOne.begun == [ROOM]
        assert await rooms.hub_shows() == [Shown("Ann", "first"), Shown("Ann", "second")]
        OneByOne.intake.listening()  # another interruption, in which it is said already
        OneByOne.begun.clear()
        OneByOne.asked.clear()
        east.write(ROOM, "Ann", "third")
        await eventually(lambda: _received(hub, 1))
        await eventually(lambda: ROOM in OneByOne.asked)
        OneByOne.intake.listening()
        while not await rooms.hub_has(3):
            OneByOne.may.release()
            await asyncio.sleep(0.2)  # in which it is found that the room is to be read once more
        assert OneByOne.begun.count(ROOM) == 2
        assert len(OneByOne.begun) < OTHERS
        OneByOne.begun = []
        for _ in range(2 * OTHERS):
            OneByOne.may.release()
        await eventually(lambda: len(OneByOne.begun) >= OTHERS)
    finally:
        await hub.stop()


async def _allowed() -> None:
    await OneByOne.may.acquire()


async def _received(hub: Hub, count: int) -> bool:
    """Tell whether the hub has stored so many events that are not processed."""
    async with hub.store.read() as unit:
        return sum(backlog.received for backlog in await unit.queues.backlogs()) == count
