"""Schedules and orders of a running agent, on a clock that is moved by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airchat import AsyncAirChatClient, Message
from runner.clock import SystemClock
from runner.cron import EveryTimes
from runner.errand import Errand
from runner.harness.port import Text
from runner.harness.scripted import ScriptedHarness
from runner.orders import Order, may_order, order_of
from runner.schedules import Schedule, Schedules
from runner.state import State, load_state
from tests.runner.conftest import Room, acked, replies, until
from tests.runner.hand_clock import HandClock

START = 1_700_000_000.0


def hourly(**changes: Any) -> Schedule:
    schedule = Schedule("hourly", "How is it?", "general", EveryTimes(3600.0), "every 3600 s")
    return replace(schedule, **changes)


def due(given: list[Errand]) -> list[float]:
    return [(errand.due[1] - START) / 3600 for errand in given if errand.due]


async def run(folder: Path, hours: float, begin: float = 0.0, **changes: Any) -> tuple[list[float], State]:
    """Run a schedule for some hours from the `begin`th on; each errand is dealt with at once."""
    clock, given = HandClock(START + begin * 3600), list[Errand]()
    state = State(folder / "state.json", schedules={"hourly": START})

    def give(errand: Errand) -> None:
        given.append(errand)
        if errand.due:
            state.schedules[errand.due[0]] = errand.due[1]

    schedules = Schedules([hourly(**changes)], state, clock, give)
    task = asyncio.create_task(schedules.run())
    await clock.advance(hours * 3600)
    task.cancel()
    return due(given), state


async def test_prompt_comes_at_its_times(tmp_path: Path) -> None:
    assert (await run(tmp_path, 3.5))[0] == [1.0, 2.0, 3.0]


async def test_what_was_missed_is_done_once(tmp_path: Path) -> None:
    assert (await run(tmp_path, 1.6, begin=5.5))[0] == [5.0, 6.0, 7.0]


async def test_what_was_missed_can_be_skipped(tmp_path: Path) -> None:
    assert (await run(tmp_path, 1.6, begin=5.5, missed="skip"))[0] == [6.0, 7.0]


async def test_interval_goes_on_over_restarts_that_come_before_it_is_over(tmp_path: Path) -> None:
    state, given = State(tmp_path / "state.json"), list[Errand]()
    for restart in range(3):
        clock = HandClock(START + restart * 1800)
        task = asyncio.create_task(Schedules([hourly()], state, clock, given.append).run())
        await clock.advance(1740)
        task.cancel()
        state = load_state(tmp_path)
    assert due(given) == [1.0]


@pytest.mark.parametrize(("hours", "expected"), [(0.75, [1.0]), (-0.75, [])])
async def test_clock_that_is_set_is_noticed_soon(tmp_path: Path, hours: float, expected: list[float]) -> None:
    clock, given = HandClock(START), list[Errand]()
    state = State(tmp_path / "state.json", schedules={"hourly": START})
    task = asyncio.create_task(Schedules([hourly(missed="skip")], state, clock, given.append).run())
    await clock.advance(600)
    clock.set(hours * 3600)
    await clock.advance(1200)
    task.cancel()
    assert due(given) == expected


async def test_paused_schedule_rests_and_makes_nothing_up(tmp_path: Path) -> None:
    schedules = Schedules([hourly()], State(tmp_path / "state.json"), SystemClock())
    assert schedules.pause("hourly", paused=True)
    assert not schedules.pause("nightly", paused=True)
    assert (await run(tmp_path, 3.5))[0] == []
    assert [listed.paused for listed in schedules.list()] == [True]
    schedules.pause("hourly", paused=False)
    assert (await run(tmp_path, 1.2))[0] == [1.0]


async def test_scheduled_answer_goes_to_its_channel_and_a_kill_loses_none(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, stuck = HandClock(START), ScriptedHarness(lambda _: [36_000.0])
    async with room.running(worker, stuck, clock, schedules=[hourly()]) as agent:
        await until(lambda: agent.name)
        await clock.run_until(lambda: stuck.prompts, step=600.0)
    harness = ScriptedHarness(lambda _: [Text("It is well.")])
    async with room.running(worker, harness, clock, schedules=[hourly()]):
        await until(lambda: harness.prompts)
        await until(lambda: not room.state().finished and room.state().schedules["hourly"] > START)
    assert [message.content for message in await ada.read_messages("general")] == ["It is well."]
    ((_, prompt),) = harness.prompts
    assert prompt.endswith("How is it?")
    assert "#general" in prompt


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("@worker schedule list", Order("list")),
        ("@worker: schedules list", Order("list")),
        ("@Worker schedule pause Daily", Order("pause", "daily")),
        ("@worker schedule resume daily.", Order("resume", "daily")),
        ("@worker stop", Order("stop")),
        ("@worker stop the build", None),
        ("@worker schedule a meeting", None),
        ("@other stop", None),
        ("please @worker stop", None),
    ],
)
def test_order_is_recognised(text: str, order: Order | None) -> None:
    assert order_of(message(text), "worker") == order


@pytest.mark.parametrize(
    ("trust", "may"), [("person verified", True), ("person unverified", False), ("agent", False), ("outside", False)]
)
def test_only_people_of_the_hub_give_orders(trust: str, may: bool) -> None:
    assert may_order(replace(message("@worker stop"), trust=trust)) is may


def message(text: str) -> Message:
    return Message("1", "2", "3", "ada", text, "2026-01-01T00:00:00Z")


Said = Callable[[str], Message]


async def test_people_list_and_pause_schedules_in_chat(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    other, harness = await room.agent("other"), ScriptedHarness()
    async with room.running(worker, harness, HandClock(START), schedules=[hourly()]):
        for sender, text, answer in [
            (ada, "schedule list", "- hourly: every 3600 s into #general, next 2023-11-14 "),
            (ada, "schedule pause hourly", "- hourly: every 3600 s into #general, paused"),
            (other, "schedule resume hourly", "Only people with an account order that."),
            (ada, "schedule pause nightly", "I have no schedule nightly."),
            (ada, "stop", "There is nothing to stop here."),
        ]:
            asked = await sender.send_message("general", f"@worker {text}")
            await acked(sender, asked)
            (said,) = await replies(sender, asked)
            assert said.startswith(answer)
    assert harness.prompts == []


async def test_person_stops_a_turn(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    harness = ScriptedHarness(lambda _: [Text("digging"), 3600.0])
    async with room.running(worker, harness):
        asked = await ada.send_message("general", "@worker dig")
        await until(lambda: harness.prompts)
        await ada.send_message("general", "@worker stop", parent_message_id=asked.id)
        await acked(ada, asked)
    assert (await replies(ada, asked))[-1] == "digging\n\nI was stopped: ada said so. Tell me to go on if I should."
