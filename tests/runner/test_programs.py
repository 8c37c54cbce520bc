"""The whole way with the real Codex CLI, Gemini CLI and OpenCode, and a fake model; see `tests.agent_programs`."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from airchat import AsyncAirChatClient
from airchat.protocol.principals import Role
from tests.agent_programs import Program, program
from tests.runner.conftest import Room, acked, descendants, replies, until

pytestmark = pytest.mark.slow

SETUPS: dict[str, dict[str, Any]] = {
    "codex": {"harness": "codex", "permission_mode": "acceptEdits"},
    "gemini": {"harness": "gemini"},
    "opencode": {
        "harness": "acp",
        "program": ("acp",),
        "env": {"OPENCODE_CONFIG_CONTENT": '{"permission": "ask"}'},
    },
}


@dataclass
class Desk:
    """A program, and how the runner is to drive it."""

    it: Program
    setup: dict[str, Any]

    def at_work(self, room: Room) -> Any:
        agent = {
            "working_dir": self.it.folder,
            "progress": False,
            **self.setup,
            "program": [self.it.path, *self.setup.get("program", ())],
            "env": self.it.env | self.setup.get("env", {}),
        }
        return room.supervised(**agent)


@pytest.fixture(params=SETUPS)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with program(request.param, tmp_path) as it:
        yield Desk(it, SETUPS[request.param])


@asynccontextmanager
async def agreeable(olga: AsyncAirChatClient) -> AsyncIterator[list[str]]:
    """Let olga approve whatever she is asked; gives what that was."""
    asked: list[str] = []

    async def approve() -> None:
        while True:
            for approval in await olga.list_approvals("pending"):
                asked.append(f"{approval.tool} {approval.request}")
                await olga.answer_approval(approval.id, "approve")
            await asyncio.sleep(0.05)

    task = asyncio.create_task(approve())
    try:
        yield asked
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_mention_is_answered_with_the_hubs_tools_and_the_session_goes_on(
    room: Room, ada: AsyncAirChatClient, desk: Desk
) -> None:
    olga, it = await room.person("olga", Role.OWNER), desk.it
    it.model.on(
        "deploy the shop",
        f"@@say Let me see.\n{it.shell('touch made')}\n{it.mcp('airchat', 'check_board')}\n"
        f"{it.mcp('airchat', 'set_card', {'capabilities': ['deploy']})}\n@@say It is done.",
    )
    it.model.on("what was it", "@@say It was the shop.")
    async with desk.at_work(room), agreeable(olga) as approved:
        asked = await ada.send_message("general", "@worker deploy the shop")
        await acked(ada, asked)
        more = await ada.send_message("general", "@worker what was it?", parent_message_id=asked.id)
        await acked(ada, more)
    said = [text for text in await replies(ada, asked) if not text.startswith("[approval")]
    assert said == ["It is done.", "@worker what was it?", "It was the shop."]
    assert (it.folder / "made").exists()
    assert [agent["name"] for agent in await ada.find_agents("deploy", "1h")] == ["worker"], "one that writes, too"
    first, last = it.model.asked("deploy the shop")[0], it.model.requests[-1]
    assert "You are worker, an agent on an AirChat hub" in first.text
    board = [result for request in it.model.requests for result in request.results if '"channel": "general"' in result]
    assert board, "\n=====\n".join(request.newest[-900:] for request in it.model.requests)
    assert "deploy the shop" in last.text, "the session went on"
    assert (it.name != "codex") == any("touch made" in request for request in approved)
    assert it.name != "gemini" or len(approved) == 1, "the hub's own tools need no approval"


async def test_program_that_is_killed_within_a_turn_is_given_the_message_again(
    room: Room, ada: AsyncAirChatClient, desk: Desk
) -> None:
    olga, it = await room.person("olga", Role.OWNER), desk.it
    it.model.on("deploy the shop", f"@@say Let me see.\n{it.shell('touch made')}\n@@sleep 60\n@@say It is done.")
    it.model.on("You may have seen this before", "@@say It was done already.")
    async with desk.at_work(room), agreeable(olga):
        asked = await ada.send_message("general", "@worker deploy the shop")
        await until(lambda: (it.folder / "made").exists() and it.model.answering, "a turn is under way")
        for pid in descendants():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await acked(ada, asked)
    said = [text for text in await replies(ada, asked) if not text.startswith("[approval")]
    assert said == ["It was done already."]
