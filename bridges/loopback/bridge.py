"""The loopback bridge: each obligation of the contract in its simplest form."""

import asyncio
from dataclasses import asdict
from typing import Any

from bridges.loopback.platform import LoopbackPlatform, Post
from hub.relay.contract import Capability, InboundMessage, Intake, Names, OutboundPart, Platform, RawEvent, RemoteUser

PLATFORM = "loopback"
PART_LENGTH = 1_000
_LOOK_SECONDS = 0.01


class LoopbackBridge:
    """Connects a `LoopbackPlatform` to the hub."""

    platform = PLATFORM
    workspace = "here"

    def __init__(self, rooms: LoopbackPlatform) -> None:
        self._rooms = rooms

    async def connect(self) -> None:
        """Nothing can fail: the platform is in this process."""

    async def run(self, intake: Intake) -> None:
        """Read every linked room from its watermark on: history and new posts are the same thing here."""
        read: dict[str, str | None] = {}
        while True:
            for channel in await intake.linked():
                if channel.remote_channel not in read:
                    read[channel.remote_channel] = channel.watermark
                for post in self._rooms.after(read[channel.remote_channel], channel.remote_channel):
                    await intake.accept(RawEvent(post.id, post.room, post.id, asdict(post)))
                    read[channel.remote_channel] = post.id
                await intake.caught_up(channel.remote_channel)
            await asyncio.sleep(_LOOK_SECONDS)

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
