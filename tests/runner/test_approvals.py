"""What an agent may not do unasked: people are asked in its thread, and their answer reaches it."""

import asyncio

import pytest

from airchat import AsyncAirChatClient
from airchat.protocol.principals import Role
from runner.approvals import shown
from runner.harness.port import PermissionRequest, Text
from runner.harness.scripted import ScriptedHarness, Step
from runner.turn import Bounds
from tests.runner.conftest import Room, acked, replies, until
from tests.runner.hand_clock import HandClock

REQUEST = PermissionRequest("Bash", {"command": "make deploy", "description": "Look around"})


@pytest.fixture
async def olga(room: Room) -> AsyncAirChatClient:
    return await room.person("olga", Role.OWNER)


def script(_: str) -> list[Step]:
    return [REQUEST, Text("deployed")]


async def pending(client: AsyncAirChatClient) -> str:
    async with asyncio.timeout(30):
        while not (found := await client.list_approvals("pending")):  # noqa: ASYNC110 - seen from outside alone
            await asyncio.sleep(0.01)
    (approval,) = found
    return approval.id


@pytest.mark.parametrize("action", ["approve", "deny"])
async def test_answer_reaches_the_agent(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient, action: str
) -> None:
    harness = ScriptedHarness(script)
    async with room.running(worker, harness, approvals=True, approvers=("olga",)):
        asked = await ada.send_message("general", "@worker deploy")
        approval = await olga.get_approval(await pending(olga))
        assert (approval.tool, approval.request, approval.approvers) == ("Bash", "command: make deploy", ["olga"])
        assert approval.parent_message_id == asked.id
        await olga.answer_approval(approval.id, action)
        await acked(ada, asked)
    assert harness.verdicts == [action == "approve"]
    assert (await replies(ada, asked))[-1] == "deployed"


async def test_question_of_a_runner_that_was_killed_is_taken_back_and_put_again(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    asked = await ada.send_message("general", "@worker deploy")
    left = await worker.request_approval("general", "Bash", "make deploy", approvers=["olga"])
    state = room.state()
    state.asked.append(left.id)
    state.save()
    async with room.running(worker, ScriptedHarness(script), approvals=True, approvers=("olga",)):
        await until(lambda: left.id not in room.state().asked and room.state().asked)
        assert (await olga.get_approval(left.id)).state == "cancelled"
        await olga.answer_approval(await pending(olga), "approve")
        await acked(ada, asked)
    assert room.state().asked == []


async def test_waiting_for_people_does_not_count_as_the_turns_time(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, harness = HandClock(), ScriptedHarness(script)
    bounds = Bounds(60.0, 10)
    async with room.running(worker, harness, clock, approvals=True, bounds=bounds, progress=False):
        asked = await ada.send_message("general", "@worker deploy")
        approval_id = await pending(olga)
        await clock.advance(500.0)
        await olga.answer_approval(approval_id, "approve")
        await acked(ada, asked)
    assert (await replies(ada, asked))[-1] == "deployed"


async def test_progress_tells_that_a_person_is_waited_for(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, harness = HandClock(), ScriptedHarness(script)
    async with room.running(worker, harness, clock, approvals=True):
        asked = await ada.send_message("general", "@worker deploy")
        approval_id = await pending(olga)
        await clock.advance(5.0)

        async def told() -> bool:
            return any(
                text.startswith("⏳ waiting for a person's approval of Bash") for text in await replies(ada, asked)
            )

        while not await told():  # noqa: ASYNC110 - seen from outside alone
            await asyncio.sleep(0.01)
        await olga.answer_approval(approval_id, "approve")
        await acked(ada, asked)
    said = await replies(ada, asked)
    assert "deployed" in said
    assert not any("⏳" in text for text in said)


async def test_stopped_turn_takes_its_question_back(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(script)
    async with room.running(worker, harness, approvals=True):
        asked = await ada.send_message("general", "@worker deploy")
        approval_id = await pending(olga)
        await ada.send_message("general", "@worker stop", parent_message_id=asked.id)
        await acked(ada, asked)
    assert (await olga.get_approval(approval_id)).state == "cancelled"
    assert harness.verdicts == [False]


async def test_without_approvals_nobody_is_asked(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(script)
    async with room.running(worker, harness):
        asked = await ada.send_message("general", "@worker deploy")
        await acked(ada, asked)
    assert harness.verdicts == [False]
    assert await olga.list_approvals() == []


async def test_nobody_who_can_answer_means_no(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    harness = ScriptedHarness(script)
    async with room.running(worker, harness, approvals=True, approvers=("nobody",)):
        asked = await ada.send_message("general", "@worker deploy")
        await acked(ada, asked)
    assert harness.verdicts == [False]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"command": "ls", "description": "harmless"}, "command: ls"),
        ({"command": "ls", "timeout": 5}, "command: ls\ntimeout: 5"),
        ({"file_path": "a", "content": "1\n2"}, "file_path: a\ncontent: \n    1\n    2"),
        ({"command": "ls\r\u202erm"}, 'command: "ls\\r\\u202erm"'),
        ({"a\nb": "c"}, '"a\\nb": c'),
        ({}, "(without arguments)"),
    ],
)
def test_exactly_what_would_run_is_shown(given: dict[str, object], text: str) -> None:
    assert shown(PermissionRequest("Bash", given)) == text


async def test_what_is_too_long_to_be_shown_is_refused(
    room: Room, olga: AsyncAirChatClient, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(lambda _: [PermissionRequest("Bash", {"command": "x" * 9_000}), Text("no")])
    async with room.running(worker, harness, approvals=True):
        await acked(ada, await ada.send_message("general", "@worker deploy"))
    assert harness.verdicts == [False]
    assert await until(lambda: harness.prompts)
    assert await olga.list_approvals() == []
