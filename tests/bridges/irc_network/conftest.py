"""A fake network, and bridges to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bridges.irc_network.bridge import IrcNetworkBridge, Memory
from bridges.irc_network.network import Network
from tests.bridges.irc_network.world import World
from tests.fakes.irc_network import FakeIrcNetwork, Settings


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
async def irc(settings: Settings) -> AsyncIterator[FakeIrcNetwork]:
    async with FakeIrcNetwork(settings) as network:
        yield network


Connect = Callable[..., Awaitable[World]]


@pytest.fixture
async def connect(irc: FakeIrcNetwork) -> AsyncIterator[Connect]:
    """Makes bridges that are connected and listen, with settings of one's own, and takes them down."""
    worlds: list[World] = []
    memory: list[Memory] = []

    async def make(**told: Any) -> World:
        plain: dict[str, Any] = {"tls": False, "colors": False, "per_second": 90.0, "burst": 20}
        network = Network("irc", "127.0.0.1", irc.port, **(plain | told))
        memory.append(memory[0] if memory else Memory(network))
        world = World(irc, IrcNetworkBridge(network, memory[-1]))
        await world.start()
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        await world.stop()
