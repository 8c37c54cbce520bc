"""The whole way with the real Claude Code and a fake model: a mention, a tool that needs approval, an answer."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from airchat import Approval, AsyncAirChatClient
from airchat.protocol.principals import Role
from tests.claude_code import ClaudeCode
from tests.fakes.anthropic import FakeAnthropic
from tests.runner.conftest import Room, acked, replies

pytestmark = pytest.mark.slow


@pytest.fixture
async def model() -> AsyncIterator[FakeAnthropic]:
    async with FakeAnthropic() as model:
        yield model


@pytest.fixture
def claude(tmp_path: Path, model: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> ClaudeCode:
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "CLAUDE")):
            monkeypatch.delenv(name)
    return ClaudeCode(tmp_path, model.url)


def running(room: Room, claude: ClaudeCode, **agent: Any) -> AbstractAsyncContextManager[None]:
    return room.supervised(program=[claude.program], working_dir=claude.folder, env=claude.env, **agent)


async def question(client: AsyncAirChatClient) -> Approval:
    async with asyncio.timeout(60):
        while not (found := await client.list_approvals("pending")):  # noqa: ASYNC110 - seen from outside alone
            await asyncio.sleep(0.02)
    return found[0]


async def test_mention_is_answered_after_people_were_asked(
    room: Room, ada: AsyncAirChatClient, claude: ClaudeCode, model: FakeAnthropic
) -> None:
    olga = await room.person("olga", Role.OWNER)
    model.on(
        "deploy the shop", '@@tool Bash {"command": "touch deployed", "description": "Look"}\n@@say It is deployed.'
    )
    model.on("what was it", "@@tool mcp__airchat__check_board {}\n@@say It was the shop.")
    async with running(room, claude):
        asked = await ada.send_message("general", "@worker deploy the shop")
        approval = await question(olga)
        assert (approval.tool, approval.request) == ("Bash", "command: touch deployed")
        assert approval.parent_message_id == asked.id
        assert not (claude.folder / "deployed").exists()
        await olga.answer_approval(approval.id, "approve")
        await acked(ada, asked)
        assert (claude.folder / "deployed").exists()
        more = await ada.send_message("general", "@worker what was it?", parent_message_id=asked.id)
        await acked(ada, more)
    thread = await replies(ada, asked)
    assert [text for text in thread if not text.startswith("[approval")] == [
        "It is deployed.",
        "@worker what was it?",
        "It was the shop.",
    ]
    first, last = model.asked("deploy the shop")[0], model.requests[-1]
    assert "You are worker, an agent on an AirChat hub" in first.text
    assert '"author": "ada"' in first.newest
    assert "deploy the shop" in last.text  # the session went on
    (result,) = last.results
    assert '"channel": "general"' in result
    assert model.others == []


async def test_refusal_reaches_the_agent(
    room: Room, ada: AsyncAirChatClient, claude: ClaudeCode, model: FakeAnthropic
) -> None:
    olga = await room.person("olga", Role.OWNER)
    model.on("deploy the shop", '@@tool Bash {"command": "touch deployed"}\n@@say I may not.')
    async with running(room, claude):
        asked = await ada.send_message("general", "@worker deploy the shop")
        await olga.answer_approval((await question(olga)).id, "deny", "not on a Friday")
        await acked(ada, asked)
    assert "I may not." in await replies(ada, asked)
    assert 'This was denied by olga: "not on a Friday"' in model.requests[-1].results[0]
    assert not (claude.folder / "deployed").exists()


async def test_without_approvals_only_what_is_allowed_runs(
    room: Room, ada: AsyncAirChatClient, claude: ClaudeCode, model: FakeAnthropic
) -> None:
    model.on("do both", '@@also Bash {"command": "touch one"}\n@@tool Bash {"command": "touch two"}\n@@say Well.')
    async with running(room, claude, approvals=False, allowed_tools=["Bash(touch one)"]):
        asked = await ada.send_message("general", "@worker do both")
        await acked(ada, asked)
    assert (claude.folder / "one").exists()
    assert not (claude.folder / "two").exists()
