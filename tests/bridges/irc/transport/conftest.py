"""The tests of this folder run on asyncio's own loop and on uvloop, which the hub uses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from bridges.irc.transport.gate import Gate, GateLimits
from tests.bridges.irc.transport.far_end import Identity, Server


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server whose sessions note what they are told; `open` starts a listener of it."""
    async with Server(Gate(GateLimits())) as running:
        yield running


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> list[Identity]:
    """Three self-signed certificates with their keys."""
    folder: Path = tmp_path_factory.mktemp("identities")
    return [Identity.made(folder, name) for name in ("first", "second", "client")]
