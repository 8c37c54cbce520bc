"""What every harness does, whatever the program behind it."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

import pytest

from runner.harness.port import (
    Broken,
    Done,
    Event,
    Permission,
    Session,
    Stop,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    Verdict,
)
from tests.runner.conftest import descendants, until
from tests.runner.harness.conftest import Bench, told


async def begun(bench: Bench, session: Session, seconds: float) -> tuple[asyncio.Task[None], list[Event]]:
    """Return a prompt that is under way, and its events so far; it takes so long before it says something late."""
    events: list[Event] = []

    async def tell() -> None:
        prompt = "\n".join(["@@say begun", bench.run("ls"), f"@@sleep {seconds}", "@@say late"])
        async for event in session.prompt(prompt):
            events.append(event)  # noqa: PERF401 - they are looked at meanwhile

    telling = asyncio.create_task(tell())
    await until(lambda: any(isinstance(event, ToolResult) for event in events), "a tool")
    return telling, events


def words(events: Sequence[object]) -> list[str]:
    return [event.text.strip() for event in events if isinstance(event, Text)]


async def go_on(bench: Bench, session_id: str) -> None:
    session = await bench.start(session_id)
    try:
        await told(session, "@@say hello")
    finally:
        await session.close()


async def test_prompt_ends_with_done_after_what_was_said_and_used(bench: Bench) -> None:
    session = await bench.start()
    events = await told(session, "@@say let me see", bench.run("ls"), "@@say it is fine")
    await session.close()
    assert words(events) == ["let me see", "it is fine"]
    (call,) = [event for event in events if isinstance(event, ToolCall)]
    assert call.name == bench.tool
    assert bench.real or call.input == {"command": "ls"}
    assert [event for event in events if isinstance(event, ToolResult)] == [ToolResult(call.id)]
    kinds = [type(event) for event in events]
    assert kinds.index(ToolCall) < kinds.index(ToolResult) < kinds.index(Usage)
    assert events[-1] == Done(Stop.END)
    (usage,) = [event for event in events if isinstance(event, Usage)]
    whole = (20, 10) if bench.real else (100, 7)
    assert (usage.input_tokens, usage.output_tokens) in {whole, (10, 5)}  # OpenCode tells of its last step alone


async def test_session_goes_on_and_can_be_resumed(bench: Bench) -> None:
    session = await bench.start()
    await told(session, "@@say one")
    assert session.id is not None
    await told(session, "@@say two")
    await session.close()
    bench.rest()
    resumed = await bench.start(session.id)
    events = await told(resumed, "@@say three")
    await resumed.close()
    assert words(events) == ["three"]
    assert resumed.id == session.id
    (usage,) = [event for event in events if isinstance(event, Usage)]
    assert usage.input_tokens in {100, 10}, "what this turn has taken, not the session"


async def test_session_that_is_not_known_is_told_as_such(bench: Bench) -> None:
    with pytest.raises(Unknown):
        await go_on(bench, "0b5e3c1a-8a37-4f3c-9f0e-5b6a3e1f2d4c")


async def test_cancelled_prompt_ends_soon_and_the_session_goes_on(bench: Bench) -> None:
    session = await bench.start()
    await told(session, "@@say ready")
    telling, events = await begun(bench, session, 3)
    await session.cancel()
    await telling
    assert events[-1] == Done(Stop.CANCELLED)
    assert words(events) == ["begun"]
    assert words(await told(session, "@@say again"))[-1] == "again"
    await session.close()


async def test_program_that_is_killed_within_a_prompt_breaks_off(bench: Bench) -> None:
    session = await bench.start()
    telling, _ = await begun(bench, session, 60)
    for pid in await until(descendants, "a program"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with pytest.raises(Broken):
        await telling
    await session.close()


async def test_program_that_is_closed_within_a_prompt_breaks_off(bench: Bench) -> None:
    if bench.real:
        pytest.skip("takes its time to end")
    session = await bench.start()
    telling, _ = await begun(bench, session, 60)
    await session.close()
    with pytest.raises(Broken):
        await telling


async def test_failure_of_the_model_is_told(bench: Bench) -> None:
    session = await bench.start()
    events = await told(session, bench.fails)
    await session.close()
    last = events[-1]
    assert isinstance(last, Done)
    assert last.stop is Stop.FAILED
    assert last.detail
    assert words(events) == []


@pytest.mark.parametrize("allowed", [True, False])
async def test_people_are_asked_what_would_run(bench: Bench, allowed: bool) -> None:
    if not bench.asks:
        pytest.skip("asks nobody")
    bench.verdict = Verdict(allowed, "not today")
    session = await bench.start()
    events = await told(session, bench.run("touch made", asking=True), "@@say done")
    await session.close()
    (request,) = bench.asked
    assert request.tool == bench.tool
    assert "touch made" in request.input.values()
    assert bench.real or request.input == {"command": "touch made"}
    assert [event for event in events if isinstance(event, Permission)] == [Permission(request, allowed)]
    (result,) = [event for event in events if isinstance(event, ToolResult)]
    assert result.failed is not allowed
    if bench.real:
        assert (bench.folder / "made").exists() is allowed
    if allowed or not bench.real:  # some programs end their turn at a refusal
        assert words(events)[-1].endswith("done")
