"""Agents kept at work as their settings say: failures, other runners, stopping."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from airchat import AsyncAirChatClient
from airchat.enrol import join
from runner.clock import Clock, SystemClock
from runner.harness.port import Text
from runner.harness.scripted import ScriptedHarness
from runner.settings import AgentSection, Settings
from runner.status import Status, read_status
from runner.supervisor import Supervisor
from tests.runner.conftest import NAME, Room, acked, replies, until
from tests.runner.hand_clock import HandClock


@pytest.fixture
async def token(room: Room, worker: AsyncAirChatClient) -> str:
    _, secret = await room.hub.cases.credentials.create_token(room.hub.actor, NAME, "runner")
    return secret


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> ScriptedHarness:
    """What all agents of the test work with."""
    harness = ScriptedHarness(lambda _: [Text("done")])

    def opened(agent: AgentSection, folder: Path) -> ScriptedHarness:
        return harness

    monkeypatch.setattr("runner.supervisor.open_harness", opened)
    return harness


@asynccontextmanager
async def supervised(
    room: Room, token: str | None, machine: str = "machine", clock: Clock | None = None, stop_seconds: float = 5.0
) -> AsyncIterator[Path]:
    """Run the agent on a machine; gives the folder of its state."""
    settings = Settings.model_validate(
        {
            "runner": {"state_dir": room.folder / machine, "stop_seconds": stop_seconds},
            "hub": {"url": room.hub.address},
            "agents": {NAME: {"working_dir": room.folder, "token": token}},
        }
    )
    stop = asyncio.Event()
    task = asyncio.create_task(Supervisor(settings, clock or SystemClock()).run(stop))
    try:
        yield room.folder / machine / NAME
    finally:
        stop.set()
        await task


def state(folder: Path) -> str:
    return (read_status(folder) or Status("", 0.0)).state


def since(folder: Path) -> float:
    return (read_status(folder) or Status("", 0.0)).since


async def test_of_two_machines_one_works_and_the_other_takes_over(
    room: Room, ada: AsyncAirChatClient, token: str, harness: ScriptedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.supervisor.SEAT_SECONDS", 0.05)
    room.hub.cases.streams.seats = type(room.hub.cases.streams.seats)(room.hub.store, grace=0.1)
    first = AsyncExitStack()
    one = await first.enter_async_context(supervised(room, token, "one"))
    await until(lambda: state(one) == "at work")
    async with supervised(room, token, "two") as two:
        await until(lambda: state(two) == "waiting")
        waiting = read_status(two)
        sent = [await ada.send_message("general", f"@worker number {n}") for n in range(5)]
        await acked(ada, sent[-1])
        assert (len(harness.prompts), read_status(two)) == (5, waiting)
        await first.aclose()
        await acked(ada, await ada.send_message("general", "@worker and you?"))
        assert (len(harness.prompts), state(one), state(two)) == (6, "stopped", "at work")


async def test_agent_whose_token_was_revoked_is_tried_again_later_and_later(
    room: Room, token: str, harness: ScriptedHarness
) -> None:
    clock = HandClock()
    async with supervised(room, "act_unknown", clock=clock) as folder:
        await until(lambda: state(folder) == "failed")
        assert (read_status(folder) or Status("", 0.0)).detail.startswith("401")
        first = clock.now()
        await clock.run_until(lambda: since(folder) > first + 30, step=1.0)


async def test_agent_works_soon_after_its_machine_was_enrolled(
    room: Room, tmp_path: Path, harness: ScriptedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    clock = HandClock()
    async with supervised(room, None, clock=clock) as folder:
        for _ in range(12):  # so that the next try is minutes away
            failed = since(folder)
            await clock.run_until(lambda: since(folder) > failed, step=5.0)  # noqa: B023 - called at once
        code = await room.hub.cases.machines.invite(room.hub.actor)
        await asyncio.to_thread(join, code, room.hub.address, machine_name="box", home=tmp_path / ".airchat")
        enrolled = clock.now()
        await clock.run_until(lambda: state(folder) == "at work", step=0.5)
        assert since(folder) - enrolled < 3.0


async def test_stopping_lets_a_turn_end(
    room: Room, ada: AsyncAirChatClient, token: str, harness: ScriptedHarness
) -> None:
    harness.script = lambda _: [0.5, Text("done in time")]
    async with supervised(room, token) as folder:
        await until(lambda: state(folder) == "at work")
        asked = await ada.send_message("general", "@worker dig")
        await until(lambda: harness.prompts)
        waiting = await ada.send_message("general", "@worker and this")
        await acked(ada, waiting, state="delivered")
    assert await replies(ada, asked) == ["done in time"]
    assert await replies(ada, waiting) == []
    async with supervised(room, token):
        await acked(ada, waiting)
    assert len(harness.prompts) == 2


async def test_stopping_waits_only_so_long(
    room: Room, ada: AsyncAirChatClient, token: str, harness: ScriptedHarness
) -> None:
    harness.script = lambda _: [3600.0]
    async with supervised(room, token, stop_seconds=0.2) as folder:
        await until(lambda: state(folder) == "at work")
        asked = await ada.send_message("general", "@worker dig")
        await until(lambda: harness.prompts)
    assert [receipt.state for receipt in await ada.list_receipts(asked.id)] == ["delivered"]
