"""A Slack with the bridge connected to it, and what comes out of the bridge."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bridges.slack import pages
from bridges.slack.bridge import SlackBridge
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import LinkedChannel
from hub.relay.contract.desk import Desk
from hub.relay.desk import NoDesk
from tests.contract.bridges.sides import Received
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings
from tests.waiting import eventually

PLACE = "#general"
WREN = outbound.Author("wren-id", "wren")


class Names:
    """People are known by their handle with `-slack`, and #general is linked to `lobby`."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    async def name_of(self, user: inbound.User) -> str:
        return f"{user.name.lower()}-slack"

    def remote_id_of(self, name: str) -> str | None:
        user = self._slack.workspace.user_named(name.removesuffix("-slack")) if name.endswith("-slack") else None
        return user.id if user else None

    def channel_of(self, remote_channel: str) -> str | None:
        return "lobby" if remote_channel == self._slack.channel(PLACE).id else None

    def remote_channel_of(self, name: str) -> str | None:
        return self._slack.channel(PLACE).id if name == "lobby" else None


@dataclass
class World:
    """Both ends of a bridge."""

    slack: FakeSlack
    bridge: SlackBridge
    names: Names
    received: Received = field(default_factory=Received)

    @property
    def channel(self) -> str:
        """The linked channel's id."""
        return self.slack.channel(PLACE).id

    @asynccontextmanager
    async def running(self, desk: Desk | None = None) -> AsyncIterator[None]:
        """Let the bridge listen."""
        task = asyncio.create_task(self.bridge.run(self.received, desk or NoDesk()))
        await eventually(lambda: self.received.listened > 0 or task.done())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def decoded(self) -> list[inbound.Inbound]:
        """Return everything that came in, in order, as the relay gets it."""
        found = [await self.bridge.decode(event.payload, self.names) for event in self.received.in_order()]
        return [it for it in found if it is not None]

    async def heard(self, count: int) -> list[inbound.Inbound]:
        """Wait for so many events, and that no more come; return what they mean."""
        await eventually(lambda: len(self.received.events) >= count)
        await self.slack.settled()
        assert len(self.received.events) == count, [event.key for event in self.received.in_order()]
        return await self.decoded()

    async def read_up(self, linked: LinkedChannel | None = None) -> None:
        """Read the channel's history."""
        await self.bridge.read_up(linked or LinkedChannel(self.channel, None, 0), self.received)

    def post(self, text: str, token: str = "m1:0", **more: object) -> outbound.Post:
        """Return a post of wren's."""
        return outbound.Post(token, self.channel, WREN, text, time.time_ns() // 1000, **more)  # type: ignore[arg-type]

    def to(self, remote_id: str) -> outbound.Reference:
        """Return a reference to a message of the channel."""
        return outbound.Reference("m0", remote_id, "Alice", "question")


@pytest.fixture
def settings() -> Settings:
    return Settings(ack_window=30.0, retry_delays=(0.0, 0.05, 0.1))


@pytest.fixture
async def slack(settings: Settings) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(settings) as slack:
        yield slack


@pytest.fixture
async def world(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> World:
    """A bridge that has connected, and does not listen yet; it reads history without a pause."""
    monkeypatch.setattr(pages, "_PER_SECOND", 100.0)
    bridge = SlackBridge(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.5)
    await bridge.connect()
    return World(slack, bridge, Names(slack))
