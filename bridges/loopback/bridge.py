"""The loopback bridge: each obligation of the contract in its simplest form."""

import asyncio
from dataclasses import asdict
from typing import Any

from bridges.loopback.platform import LoopbackPlatform, Post
from hub.relay.contract import (
    Capability,
    InboundMessage,
    Intake,
    LinkedChannel,
    Names,
    OutboundPart,
    Platform,
    RawEvent,
    RemoteUser,
)

PLATFORM = "loopback"
PART_LENGTH = 1_000


class LoopbackBridge:
    """Connects a `LoopbackPlatform` to the hub."""

    platform = PLATFORM
    workspace = "here"

    def __init__(self, rooms: LoopbackPlatform) -> None:
        self._rooms = rooms

    async def connect(self) -> None:
        """Nothing can fail: the platform is in this process."""

    async def resolve(self, remote: str) -> str:
        """Rooms have no other names than their ids."""
        return remote

    async def run(self, intake: Intake) -> None:
        """Hand over every post from now on."""
        fresh: asyncio.Queue[Post] = asyncio.Queue()
        self._rooms.listeners.append(fresh)
        try:
            intake.listening()
            while True:
                await intake.accept(_raw(await fresh.get()))
        finally:
            self._rooms.listeners.remove(fresh)

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Hand over the room's posts behind the watermark."""
        for post in self._rooms.after(channel.watermark, channel.remote_channel):
            await intake.accept(_raw(post))

    async def decode(self, payload: dict[str, Any], names: Names) -> InboundMessage | None:
        """Drop what carries a token: a bridge wrote it."""
        post = Post(**payload)
        if post.token is not None:
            return None
        author = RemoteUser(post.author, post.author)
        return InboundMessage(post.room, post.id, author, post.text, post.thread_id)

    async def send(self, part: OutboundPart, names: Names) -> str:
        """Write the part into the room."""
        post = self._rooms.write(
            part.remote_channel, part.author_name, part.text, thread_id=part.thread_id, token=part.token
        )
        return post.id

    async def find_sent(self, part: OutboundPart) -> str | None:
        """Look for the part's token."""
        posts = self._rooms.after(part.sent_after, part.remote_channel)
        return next((post.id for post in posts if post.token == part.token), None)


def loopback_platform(rooms: LoopbackPlatform) -> Platform:
    """Return what the relay needs to run a loopback bridge."""
    carries = frozenset({Capability.MESSAGE, Capability.THREAD})
    return Platform(PLATFORM, carries, PART_LENGTH, lambda: LoopbackBridge(rooms))


def _raw(post: Post) -> RawEvent:
    return RawEvent(post.id, post.room, post.id, asdict(post))
