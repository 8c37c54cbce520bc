"""A hub in this process, people and agents at it over real sockets, and runners on a scripted harness."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any, TypeVar

import pytest

from airchat import AirChatConfig, AsyncAirChatClient, Message
from airchat.protocol.principals import Role
from hub.app import Hub, running_hub
from hub.settings import Settings
from runner.agent import Agent, Profile
from runner.clock import Clock, SystemClock
from runner.harness.port import Harness
from runner.settings import Settings as RunnerSettings
from runner.state import State, load_state
from runner.supervisor import Supervisor
from tests.runner.hand_clock import HandClock
from tests.waiting import SECONDS

NAME = "worker"

T = TypeVar("T")


class Room:
    """A hub, the person `ada`, and the agent `worker`, which runs as often as a test wants."""

    def __init__(self, hub: Hub, folder: Path, stack: AsyncExitStack) -> None:
        self.hub = hub
        self.folder = folder
        self._stack = stack

    async def person(self, name: str, role: Role = Role.MEMBER) -> AsyncAirChatClient:
        await self.hub.cases.people.create(self.hub.actor, name, None, None, role, None)
        return await self.client(name)

    async def agent(self, name: str) -> AsyncAirChatClient:
        await self.hub.cases.agents.add(self.hub.actor, name)
        return await self.client(name)

    async def client(self, name: str) -> AsyncAirChatClient:
        """Return a client that acts as somebody who is there already."""
        _, secret = await self.hub.cases.credentials.create_token(self.hub.actor, name, "test")
        config = AirChatConfig(self.hub.address, "", "", token=secret, home=self.folder)
        client = AsyncAirChatClient(config, agent_name=name, patience=5.0)
        self._stack.push_async_callback(client.close)
        return client

    def state(self, name: str = NAME) -> State:
        return load_state(self.folder / name)

    @asynccontextmanager
    async def running(
        self,
        client: AsyncAirChatClient,
        harness: Harness,
        clock: Clock | None = None,
        *,
        name: str = NAME,
        **changes: Any,
    ) -> AsyncIterator[Agent]:
        """Run the agent of the client; leaving ends it at once, as a kill would end its tasks."""
        profile = replace(Profile(self.folder), **changes)
        agent = Agent(client, harness, profile, self.state(name), clock or SystemClock())
        task = asyncio.create_task(agent.run())
        try:
            yield agent
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.wait([task])

    @asynccontextmanager
    async def supervised(self, **agent: Any) -> AsyncIterator[None]:
        """Run `worker` as its settings say, as `airchat-runner run` does; olga is asked what it may not do."""
        await self.hub.cases.agents.add(self.hub.actor, NAME)
        _, secret = await self.hub.cases.credentials.create_token(self.hub.actor, NAME, "runner")
        settings = RunnerSettings.model_validate(
            {
                "runner": {"state_dir": self.folder / "state", "stop_seconds": 5},
                "hub": {"url": self.hub.address},
                "agents": {NAME: {"token": secret, "approvers": ["olga"], **agent}},
            }
        )
        stop = asyncio.Event()
        task = asyncio.create_task(Supervisor(settings, SystemClock()).run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    settings = {
        "hub": {"state_dir": tmp_path / "hub"},
        "http": {"port": 0},
        "irc": {"enabled": False},
        "store": {"url": "memory:"},
        "limits": {"read": 0, "write": 0, "upkeep": 0},
    }
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(running_hub(Settings.model_validate(settings)))
        yield Room(hub, tmp_path, stack)


@pytest.fixture
async def ada(room: Room) -> AsyncAirChatClient:
    return await room.person("ada")


@pytest.fixture
async def worker(room: Room) -> AsyncAirChatClient:
    return await room.agent(NAME)


async def until(condition: Callable[[], T], what: str = "") -> T:
    """Wait for a condition; its value is returned."""
    async with asyncio.timeout(SECONDS):
        while not (value := condition()):  # noqa: ASYNC110 - any condition can be waited for
            await asyncio.sleep(0.005)
    return value


async def acked(
    sender: AsyncAirChatClient,
    message: Message,
    clock: HandClock | None = None,
    state: str = "acked",
) -> None:
    """Wait, on a clock of the test's own if given, until whom the message addresses has acknowledged it."""
    async with asyncio.timeout(SECONDS):
        while {receipt.state for receipt in await sender.list_receipts(message.id)} != {state}:
            if clock is not None:
                await clock.advance(1.0)
            await asyncio.sleep(0.005)


async def replies(reader: AsyncAirChatClient, message: Message) -> list[str]:
    """Return what was answered below a message."""
    return [reply.content for reply in (await reader.read_thread(message.id)).replies]


def helping() -> set[int]:
    """Return what `multiprocessing` has started for itself, and keeps: it must not be killed with the rest."""
    pids = (forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid)  # type: ignore[attr-defined]
    return {pid for pid in pids if pid}


def children(pid: int | str = "self") -> list[int]:
    """Return the processes that this one has started, or another; not those off which hubs are forked."""
    with suppress(FileNotFoundError):
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        found = {int(child) for task in tasks for child in (task / "children").read_text().split()}
        return sorted(found - helping())
    return []


def descendants(pid: int | str = "self") -> list[int]:
    """Return the processes that this one has started, and those that they have."""
    return [found for child in children(pid) for found in (child, *descendants(child))]
