"""A bridge at work on the fake network, and what it takes in."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from bridges.irc_network.bridge import IrcNetworkBridge
from hub.relay.contract import inbound
from hub.relay.contract.desk import Command, Reply
from hub.relay.contract.outbound import Author, Post, Reference
from hub.relay.desk import NoDesk
from tests.contract.bridges.sides import Plain, Received
from tests.fakes.irc_network import FakeIrcNetwork
from tests.waiting import SECONDS, eventually

PLACE = "#general"
WREN = Author("p1", "wren")


class KnownNames(Plain):
    """Alice is on the network, and #tech is linked to #python."""

    def remote_id_of(self, name: str) -> str | None:
        return {"alice": "account:alice", "bob-irc": "nick:Bob"}.get(name)

    def remote_channel_of(self, name: str) -> str | None:
        return {"tech": "#python"}.get(name)


class Desk(NoDesk):
    """Answers with what was asked."""

    def __init__(self) -> None:
        self.asked: list[Command] = []

    async def command(self, command: Command) -> Reply:
        self.asked.append(command)
        return Reply(f"you said **{command.text}**\nand more")


class World:
    """One bridge, running."""

    def __init__(self, irc: FakeIrcNetwork, bridge: IrcNetworkBridge) -> None:
        self.irc = irc
        self.bridge = bridge
        self.received = Received()
        self.desk = Desk()
        self.running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.bridge.connect()
        await self.bridge.resolve(PLACE)
        self.running = asyncio.create_task(self.bridge.run(self.received, self.desk))
        await self.until(lambda: self.received.listened > 0)

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self.running
        await self.bridge.close()

    async def until(self, condition: Callable[[], bool], seconds: float = SECONDS) -> None:
        await eventually(condition, seconds=seconds, what=self.shown)

    async def post(self, text: str, *, author: Author | None = WREN, token: str = "m:0", **more: object) -> str:
        post = self.piece(text, author=author, token=token, **more)
        return await self.bridge.post(post, KnownNames())

    def piece(self, text: str, *, author: Author | None = WREN, token: str = "m:0", **more: object) -> Post:
        return Post(token, PLACE, author, text, time.time_ns() // 1_000, message_id="m", **more)  # type: ignore[arg-type]

    def shown(self) -> list[str]:
        """What stands in the channel, each line as its nick and text; `¦` is a space of no width."""
        return [f"{it.by}: {it.params[0]}".replace("\u200b", "¦") for it in self.irc.said(PLACE)]

    async def decoded(self, count: int) -> list[inbound.Inbound]:
        """What was taken in, once there are so many events."""
        await self.until(lambda: len(self.received.events) >= count)
        found = [await self.bridge.decode(event.payload, KnownNames()) for event in self.received.in_order()]
        return [it for it in found if it is not None]


def reference(remote_id: str | None, excerpt: str = "the question") -> Reference:
    return Reference("m0", remote_id, "Alice", excerpt)
