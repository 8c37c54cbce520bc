"""The same agents at a fake hub and at a real one, enrolled with a code and reached over a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from airchat import AsyncAirChatClient, load_config
from airchat.enrol import join
from airchat.testing import FakeHub
from hub.app import running_hub
from hub.settings import Settings

Agent = Callable[..., AsyncAirChatClient]


@asynccontextmanager
async def fake_hub(folder: Path) -> AsyncIterator[Agent]:
    hub = FakeHub()

    def agent(project: str, **card: Any) -> AsyncAirChatClient:
        return hub.async_client(project, machine="box", card=card or None)

    yield agent


@asynccontextmanager
async def real_hub(folder: Path) -> AsyncIterator[Agent]:
    sections: dict[str, dict[str, Any]] = {
        "hub": {"state_dir": folder / "hub"},
        "http": {"port": 0},
        "irc": {"enabled": False},
        "store": {"url": "memory:"},
        "limits": {"read": 0, "write": 0, "register_per_ip": 1000, "register_per_machine": 1000},
    }
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(running_hub(Settings.model_validate(sections)))
        code = await hub.cases.machines.invite(hub.actor)
        home = folder / "home"
        await asyncio.to_thread(join, code, hub.address, machine_name="box", home=home)
        config = load_config(config_path=home / "config")

        def agent(project: str, **card: Any) -> AsyncAirChatClient:
            client = AsyncAirChatClient(config, project=project, card=card or None)
            stack.push_async_callback(client.close)
            return client

        yield agent


@pytest.fixture(params=[fake_hub, real_hub], ids=["fake", "real"])
async def agent(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Agent]:
    """Make agents `box-<project>` at one hub; keywords make a capability card."""
    async with request.param(tmp_path) as agent:
        yield agent
