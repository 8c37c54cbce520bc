"""A question to which an answer is being written, and what is seen of that in two places."""

import contextlib
from collections.abc import AsyncIterator

from airchat.protocol.messages import Message
from airchat.protocol.timestamps import MINUTE
from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform, Post
from hub.core.clock import system_clock
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Capability, Names
from hub.relay.contract.errors import CannotCarry, OutcomeUnknown
from hub.relay.outward import unfinished
from tests.hub.relay.rooms import ROOM, Rooms
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


@contextlib.asynccontextmanager
async def asked(rooms: Rooms) -> AsyncIterator[Rooms]:
    """A question that was asked in the east, and is read everywhere."""
    async with rooms:
        rooms.platforms["east"].write(ROOM, "Ann", QUESTION)
        await rooms.same(1)
        yield rooms


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


async def opened(rooms: Rooms) -> list[str]:
    """Return the messages that are kept as open, over any link."""
    async with rooms.hub.store.read() as unit:
        links = await unit.relay.links()
        pairs = [it for link in links for it in await unit.counterparts.recent(link.id, system_clock() - MINUTE, 99)]
    return [pair.message_id for pair in pairs if unfinished.is_open(pair)]


async def nothing_open(rooms: Rooms) -> bool:
    return not await opened(rooms) and not any(post.unfinished for post in rooms.platforms["east"].posts)
