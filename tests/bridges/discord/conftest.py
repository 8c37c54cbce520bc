"""A Discord, bridges to it, and a hub that is linked to its #general."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.discord.bridge import DiscordBridge
from bridges.discord.gateway import Gateway
from bridges.discord.platform import discord_platform
from hub.relay.linking import ConfiguredLink
from hub.relay.outward import outlet
from tests.bridges.discord.world import World
from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Settings
from tests.hub.relay.hub import Hub


@pytest.fixture
def settings() -> Settings:
    """Many posts may come at once; the tests of rates say otherwise."""
    return Settings(webhook_rate=(1_000, 2.0), channel_rate=(10_000, 60.0), reaction_rate=(1_000, 1.0))


@pytest.fixture
async def discord(settings: Settings) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(settings) as discord:
        yield discord


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Identify again at once: the library waits for five seconds."""

    async def at_once(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr(Gateway, "before_identify_hook", at_once)


@pytest.fixture
async def bridge(discord: FakeDiscord) -> DiscordBridge:
    """A bridge that is connected, but does not listen."""
    bridge = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await bridge.connect()
    return bridge


@pytest.fixture
async def hub(discord: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A running hub whose `general` is linked to Discord's #general."""
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.3)
    platform = replace(discord_platform(BOT_TOKEN, api_url=discord.api_url), budgets={})
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "discord", "#general")])
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def world(discord: FakeDiscord, hub: Hub) -> World:
    """Both sides, once they are connected."""
    world = World(discord, hub)
    await world.connected()
    return world
