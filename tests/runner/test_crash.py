"""What a runner or a program that ends at the wrong moment costs: nothing is lost, and what is done stays done."""

import asyncio
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from airchat import AsyncAirChatClient
from airchat.protocol.events import EventKind
from runner.agent import Agent
from runner.harness.command import CommandHarness
from runner.harness.port import Broken, Text, ToolCall
from runner.harness.scripted import ScriptedHarness, Step
from runner.state import Finished, Target
from tests.runner.conftest import Room, acked, children, replies, until
from tests.runner.hand_clock import HandClock

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"number (\d+) of many")


async def acknowledgements(room: Room) -> Counter[str]:
    """Count for each inbox item how often it was acknowledged."""
    events = await room.hub.cases.bus.read(0, 100_000)
    return Counter(event.subject_id or "" for event in events if event.kind is EventKind.INBOX_ACKED)


async def test_runner_killed_within_a_turn_does_it_again_in_order(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    stuck = ScriptedHarness(lambda _: [3600.0])
    async with room.running(worker, stuck, scope="channel"):
        first = await ada.send_message("general", "@worker first")
        await until(lambda: stuck.prompts)
        second = await ada.send_message("general", "@worker second")
        await acked(ada, second, state="delivered")
    await ada.send_message("general", "@worker third")
    harness = ScriptedHarness(lambda _: [Text("done")], known={stuck.prompts[0][0]})
    async with room.running(worker, harness, scope="channel"):
        await acked(ada, second)
        await until(lambda: len(harness.prompts) == 3)
    assert [word for _, prompt in harness.prompts for word in ("first", "second", "third") if word in prompt] == [
        "first",
        "second",
        "third",
    ]
    assert "earlier attempt" in harness.prompts[0][1]
    assert await replies(ada, first) == ["done"]


async def test_runner_killed_within_a_sessions_first_turn_goes_on_with_that_session(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    stuck = ScriptedHarness(lambda _: [ToolCall("1", "Bash"), 3600.0])
    async with room.running(worker, stuck):
        asked = await ada.send_message("general", "@worker dig")
        await until(lambda: room.state().sessions)
    harness = ScriptedHarness(lambda _: [Text("done")], known={stuck.prompts[0][0]})
    async with room.running(worker, harness):
        await acked(ada, asked)
    assert [session for session, _ in harness.prompts] == [stuck.prompts[0][0]]


async def test_runner_killed_before_its_answer_was_posted_posts_it_and_asks_no_model(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    asked = await ada.send_message("general", "@worker hello")
    (item,) = await worker.take_inbox()
    state = room.state()
    state.finished["turn-x"] = Finished("turn-x", (item.id,), Target("general", asked.id), "hi")
    state.save()
    for _ in range(2):  # the second one was killed after posting, and before it could write that down
        harness = ScriptedHarness()
        async with room.running(worker, harness):
            await acked(ada, asked)
        state.save()
    assert harness.prompts == []
    assert await replies(ada, asked) == ["hi"]


async def test_answer_after_a_crash_replaces_the_progress_that_was_told_before(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock = HandClock()
    stuck = ScriptedHarness(lambda _: [ToolCall("1", "Bash"), 3600.0])
    async with room.running(worker, stuck, clock):
        asked = await ada.send_message("general", "@worker hello")
        async with asyncio.timeout(30):
            while not await replies(ada, asked):
                await clock.advance(1.0)
    async with room.running(worker, ScriptedHarness(lambda _: [Text("hi")])):
        await acked(ada, asked)
    assert await replies(ada, asked) == ["hi"]


async def test_program_killed_at_random_in_100_turns(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    """Every message is acted on at least once and acknowledged once; each thread's order is kept."""
    chance, clock = random.Random(7), HandClock()
    acted: list[str] = []

    def script(prompt: str) -> Iterable[Step]:
        steps: list[Step] = [ToolCall("1", "Bash"), Text("half"), ToolCall("2", "Bash")]
        if chance.random() < 0.4:
            return [*steps[: chance.randrange(4)], Broken("killed")]
        acted.extend(word for word in prompt.split('"') if word.startswith("@worker number"))
        return [*steps, Text("done")]

    harness = ScriptedHarness(script)
    async with room.running(worker, harness, clock, scope="channel", attempts=1000):
        sent = [await ada.send_message("general", f"@worker number {n}") for n in range(100)]
        await acked(ada, sent[-1], clock)
    assert acted == [message.content for message in sent]
    assert len(harness.prompts) > 120
    assert set((await acknowledgements(room)).values()) == {1}
    assert len(await acknowledgements(room)) == 100
    answers = await asyncio.gather(*(replies(ada, message) for message in sent))
    assert answers == [["done"]] * 100


async def test_idle_hour_asks_no_model_and_the_hub_seldom(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, harness = HandClock(), ScriptedHarness()
    looks = 0
    take = worker.take_inbox

    async def counting(*args: object, **options: object) -> object:
        nonlocal looks
        looks += 1
        return await take(*args, **options)  # type: ignore[arg-type] # as they came

    worker.take_inbox = counting  # type: ignore[method-assign,assignment] # a spy
    begun = clock.now()
    async with room.running(worker, harness, clock) as agent:
        assert isinstance(agent, Agent)
        await ada.send_message("general", "nobody is meant")
        await clock.run_until(lambda: clock.now() >= begun + 3600.0, step=20.0)
    assert harness.prompts == []
    assert 10 < looks <= 3600 / 20 + 2


@pytest.mark.slow
async def test_processes_killed_at_random(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, with real programs, which are really killed; each says what it was given."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    chance, clock = random.Random(11), HandClock()
    harness = CommandHarness([sys.executable, "-m", "tests.fakes.agents.command"])
    instructions = "@@tool Bash {}\n@@sleep 0.03\n@@say done"
    kills = 0

    async def kill() -> None:
        nonlocal kills
        while kills < 15:
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            for pid in children():
                os.kill(pid, signal.SIGKILL)
                kills += 1

    killer = asyncio.create_task(kill())
    async with room.running(
        worker, harness, clock, scope="channel", attempts=1000, instructions=instructions, progress=False
    ):
        sent = [await ada.send_message("general", f"@worker number {n}") for n in range(30)]
        await acked(ada, sent[-1], clock)
    killer.cancel()
    assert kills > 2
    assert await asyncio.gather(*(replies(ada, message) for message in sent)) == [["done"]] * 30
    assert sorted((await acknowledgements(room)).values()) == [1] * 30
    numbers = {message.id: number for number, message in enumerate(sent)}
    answers = [message for message in await ada.read_messages("general", 200) if message.author_name == "worker"]
    assert [numbers[answer.parent_message_id or ""] for answer in answers] == list(range(30))


@pytest.mark.slow
async def test_280_mentions_are_each_acted_on_once(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    """More than fit into one page, of several people, in threads and channels; some before the agent is there."""
    people = [ada, *[await room.person(f"person-{n}") for n in range(3)]]
    root = await ada.send_message("general", "a thread")

    async def send(numbers: range) -> None:
        for n in numbers:
            parent = root.id if n % 3 else None
            await people[n % 4].send_message("general", f"@worker number {n} of many", parent_message_id=parent)

    harness = ScriptedHarness(lambda _: [Text("NO REPLY")])
    await asyncio.gather(*(send(range(start, 220, 4)) for start in range(4)))
    async with room.running(worker, harness, parallel=2):
        await asyncio.gather(*(send(range(220 + start, 280, 4)) for start in range(4)))
        async with asyncio.timeout(60):
            while await worker.take_inbox(peek=True):  # noqa: ASYNC110 - seen from outside alone
                await asyncio.sleep(0.05)
    seen = Counter(int(number) for _, prompt in harness.prompts for number in NUMBER.findall(prompt))
    assert seen == Counter(range(280))
    assert set((await acknowledgements(room)).values()) == {1}
