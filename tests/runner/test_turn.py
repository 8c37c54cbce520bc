"""The time of a turn stands still while people are asked, however many questions overlap."""

import asyncio
from pathlib import Path

import pytest

from runner.harness.port import Done, PermissionRequest, Place, Stop, Text, Verdict
from runner.harness.scripted import ScriptedHarness
from runner.turn import Bounds, Outcome, Turn
from tests.runner.hand_clock import HandClock


async def begun(clock: HandClock, *steps: object) -> tuple[Turn, "asyncio.Task[Outcome]"]:
    async def ask(_: PermissionRequest) -> Verdict:
        return Verdict(allowed=False)

    harness = ScriptedHarness(lambda _: [*steps])  # type: ignore[list-item] # steps
    session = await harness.start(Place(Path(), ask))
    turn = Turn(session, Bounds(60.0, 10), clock, lambda _: None)
    task = asyncio.create_task(turn.run("go"))
    await clock.advance(0.0)
    return turn, task


async def test_overlapping_questions_stop_the_time_once() -> None:
    clock = HandClock()
    turn, task = await begun(clock, 3600.0, Text("never"))
    await clock.advance(10.0)
    async with turn.held():
        await clock.advance(100.0)
        async with turn.held():
            await clock.advance(100.0)
        await clock.advance(100.0)
    await clock.advance(49.0)
    assert not task.done()
    await clock.advance(2.0)
    outcome = await task
    assert (outcome.stop, outcome.detail) == (Stop.LIMIT, "it took longer than 60 seconds")


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_clock_that_is_set_neither_ends_a_turn_nor_lets_it_go_on(seconds: float) -> None:
    clock = HandClock()
    _, task = await begun(clock, 3600.0)
    await clock.advance(10.0)
    clock.set(seconds)
    await clock.advance(49.0)
    assert not task.done()
    await clock.advance(2.0)
    assert (await task).stop is Stop.LIMIT


async def test_last_words_after_all_tools_are_the_answer() -> None:
    clock = HandClock()
    _, task = await begun(clock, Text("one"), Text("two"), Done(Stop.END))
    assert (await task).answer == "one\n\ntwo"


async def test_first_reason_to_stop_counts() -> None:
    turn, task = await begun(HandClock(), 3600.0)
    turn.stop("ada said so")
    turn.stop("bob said so")
    assert (await task).detail == "ada said so"
