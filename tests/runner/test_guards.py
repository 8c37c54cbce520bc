"""Running agents within the hub's bounds: what turns took is reported, and two that answer each other stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from airchat import AsyncAirChatClient
from runner.cron import EveryTimes
from runner.harness.port import Broken, Done, Event, Place, Session, Stop, Text, Usage
from runner.harness.scripted import ScriptedHarness, ScriptedSession, Step
from runner.schedules import Schedule
from tests.runner.conftest import Room, acked, replies, until
from tests.runner.hand_clock import HandClock

USED = Usage(1_000, 50, 200, 10, 0.25, "model-1")


async def usage(client: AsyncAirChatClient, tokens: int) -> dict[str, object]:
    """Return what the hub knows of the client's usage, once it is of so many tokens put in."""
    async with asyncio.timeout(30):
        while (told := await client.get_usage())["totals"]["input_tokens"] < tokens:  # noqa: ASYNC110 - seen from outside alone
            await asyncio.sleep(0.01)
    return told


async def test_every_turn_is_reported_with_what_it_took(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    scripts: list[list[Step]] = [[USED, Broken("killed")], [USED, Text("done")]]
    harness = ScriptedHarness(lambda _: scripts.pop(0))
    async with room.running(worker, harness):
        await acked(ada, await ada.send_message("general", "@worker hello"))
        told = await usage(worker, 2_000)
    assert told["totals"] == {
        "input_tokens": 2_000,
        "output_tokens": 100,
        "cache_read_tokens": 400,
        "cache_creation_tokens": 20,
    }
    assert told["est_cost_usd"] == 0.5


async def test_turn_whose_channel_is_made_by_its_answer_is_reported(room: Room, worker: AsyncAirChatClient) -> None:
    clock, harness = HandClock(), ScriptedHarness(lambda _: [USED, Text("done")])
    daily = Schedule("daily", "How is it?", "fresh", EveryTimes(60.0), "every 60 s")
    async with room.running(worker, harness, clock, schedules=[daily]):
        await clock.run_until(lambda: harness.prompts, step=10.0)
        told = await usage(worker, 1_000)
    assert told["est_cost_usd"] == 0.25


@pytest.mark.parametrize("progress", [True, False])
async def test_what_is_asked_of_others_is_one_hop_further_from_a_person(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient, progress: bool
) -> None:
    await room.agent("other")
    told, clock = asyncio.Event(), HandClock()

    class Slow(ScriptedSession):
        async def prompt(self, text: str) -> AsyncIterator[Event]:
            await told.wait()
            yield Text("@other, please do it")
            yield Done(Stop.END)

    class SlowHarness(ScriptedHarness):
        async def start(self, place: Place, resume: str | None = None) -> Session:
            return Slow(self, place, "slow")

    async with room.running(worker, SlowHarness(), clock, progress=progress):
        asked = await ada.send_message("general", "@worker get it done")
        async with asyncio.timeout(30):
            while progress and not await replies(ada, asked):
                await clock.advance(1.0)
        told.set()
        await acked(ada, asked)
    (answer,) = (await ada.read_thread(asked.id)).replies
    assert answer.content == "@other, please do it"
    assert (await ada.get_message(answer.id))["message"]["hop_count"] == 1


async def test_two_agents_that_always_answer_stop_and_a_third_serves_people(
    room: Room, ada: AsyncAirChatClient
) -> None:
    harnesses = {
        "left": ScriptedHarness(lambda _: [Text("@right what now?")]),
        "right": ScriptedHarness(lambda _: [Text("@left what now?")]),
        "third": ScriptedHarness(lambda _: [Text("here")]),
    }
    async with AsyncExitStack() as stack:
        clients = {name: await room.agent(name) for name in harnesses}
        for name, harness in harnesses.items():
            agent = await stack.enter_async_context(room.running(clients[name], harness, name=name))
            await until(lambda agent=agent: agent.name)  # type: ignore[misc] # the loop's own
        await ada.send_message("project-a", "@left please begin")
        async with asyncio.timeout(30):
            while not await notices(ada) or await waiting(clients["left"], clients["right"]):  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.05)
        serving = await ada.send_message("general", "@third are you there?")
        await acked(ada, serving)
        assert await replies(ada, serving) == ["here"]
    # The person's word, and at most eight of the agents' own.
    assert len(harnesses["left"].prompts) + len(harnesses["right"].prompts) <= 1 + 8


async def notices(client: AsyncAirChatClient) -> list[str]:
    return [message.content for message in await client.read_messages("project-a", 200) if "[guard]" in message.content]


async def waiting(*clients: AsyncAirChatClient) -> bool:
    return any([await client.take_inbox(peek=True) for client in clients])
