"""Tasks that are offered to a running agent."""

import asyncio
from typing import Any

from airchat import AsyncAirChatClient
from runner.harness.port import Broken, Text
from runner.harness.scripted import ScriptedHarness
from runner.turn import Bounds
from tests.runner.conftest import Room, until
from tests.runner.hand_clock import HandClock

CARD = {"capabilities": ["review"], "harness": "scripted"}


async def ended(
    client: AsyncAirChatClient, task_id: str, status: str, clock: HandClock | None = None
) -> dict[str, Any]:
    """Wait until a task has a status, on a clock of the test's own if given."""
    async with asyncio.timeout(30):
        while (task := await client.get_task(task_id))["status"] != status:
            if clock is not None:
                await clock.advance(1.0)
            await asyncio.sleep(0.01)
    return task


async def test_offered_task_is_claimed_and_completed(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    await worker.set_card(CARD)
    harness = ScriptedHarness(lambda _: [Text("It is good.")])
    async with room.running(worker, harness):
        task = await ada.post_task("project-a", "Review the change", "It is #7.", ["review"])
        done = await ended(ada, task["id"], "done")
        await until(lambda: not room.state().finished)
    assert done["result"] == "It is good."
    assert await worker.take_inbox(peek=True) == []
    ((_, prompt),) = harness.prompts
    assert '"title": "Review the change"' in prompt
    assert '"created_by_name": "ada"' in prompt


async def test_claim_is_kept_while_the_turn_lasts(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    await worker.set_card(CARD)
    clock, harness = HandClock(), ScriptedHarness(lambda _: [3600.0])
    async with room.running(worker, harness, clock):
        task = await ada.post_task("project-a", "Dig", None, ["review"], lease_seconds=60)
        claimed = await ended(ada, task["id"], "claimed")
        await until(lambda: harness.prompts)
        await clock.advance(21.0)
        async with asyncio.timeout(30):
            while (await ada.get_task(task["id"]))["lease_expires_at"] == claimed["lease_expires_at"]:  # noqa: ASYNC110 - seen from outside alone
                await asyncio.sleep(0.01)


async def test_task_that_comes_to_nothing_is_given_back(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    await worker.set_card(CARD)
    clock, harness = HandClock(), ScriptedHarness(lambda _: [3600.0])
    async with room.running(worker, harness, clock, bounds=Bounds(60.0, 5)):
        task = await ada.post_task("project-a", "Dig", None, ["review"], max_attempts=2)
        gone = await ended(ada, task["id"], "cancelled", clock)
    assert gone["attempts"] == 2
    assert len(harness.prompts) == 2


async def test_task_is_worked_on_again_after_a_crash(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    await worker.set_card(CARD)
    stuck = ScriptedHarness(lambda _: [3600.0])
    async with room.running(worker, stuck):
        task = await ada.post_task("project-a", "Dig", None, ["review"])
        await until(lambda: stuck.prompts)
    tries = iter([[Broken("killed")], [Text("dug")]])
    clock, harness = HandClock(), ScriptedHarness(lambda _: next(tries))  # type: ignore[arg-type] # steps
    async with room.running(worker, harness, clock):
        done = await ended(ada, task["id"], "done", clock)
    assert done["result"] == "dug"
    assert done["attempts"] == 1


async def test_task_of_somebody_else_is_left_alone(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    await worker.set_card(CARD)
    other = await room.agent("other")
    task = await ada.post_task("project-a", "Review", None, ["review"])
    await other.claim_task(task["id"])
    harness = ScriptedHarness()
    async with room.running(worker, harness):
        async with asyncio.timeout(30):
            while await worker.take_inbox(peek=True):  # noqa: ASYNC110 - seen from outside alone
                await asyncio.sleep(0.01)
    assert harness.prompts == []
