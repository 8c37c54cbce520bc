import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.claude_code import ClaudeCode
from tests.fakes.anthropic import FakeAnthropic

pytestmark = pytest.mark.slow


@pytest.fixture
async def model() -> AsyncIterator[FakeAnthropic]:
    async with FakeAnthropic() as model:
        yield model


async def test_one_shot_follows_script_with_tool(model: FakeAnthropic, tmp_path: Path) -> None:
    claude = ClaudeCode(tmp_path, model.url)
    prompt = 'Look around.\n@@say Looking.\n@@tool Bash {"command": "echo over $((20 + 22))"}\n@@say finished'
    run = await claude.run(prompt, "--allowedTools", "Bash")
    assert (run.text, run.code) == ("finished", 0), run.error
    first, second = model.requests
    assert "Look around." in first.newest
    assert {"Bash", "Read"} <= set(first.tools)
    assert second.results == ["over 42"]
    assert second.headers["x-api-key"] == claude.env["ANTHROPIC_API_KEY"]


async def test_session_takes_prompts_and_pushes(model: FakeAnthropic, tmp_path: Path) -> None:
    model.on("somebody is at the door", "@@say I shall open")
    claude = ClaudeCode(tmp_path, model.url)
    async with claude.session() as session:
        assert await session.ask("hello\n@@say one") == "one"
        assert await session.ask("again\n@@usage 700 30\n@@say two") == "two"
        assert session.events[-1]["usage"]["input_tokens"] == 700
        path = next(event["messaging_socket_path"] for event in session.events if event.get("subtype") == "init")
        with socket.socket(socket.AF_UNIX) as inbox:
            inbox.connect(path)
            line = {"type": "user", "message": {"role": "user", "content": "somebody is at the door"}}
            inbox.sendall(json.dumps(line).encode() + b"\n")
            assert await session.turn() == "I shall open"
    assert len(model.asked("somebody is at the door")) == 1


async def test_terminal_shows_answer(model: FakeAnthropic, tmp_path: Path) -> None:
    model.on("hello there", "@@say general greetings")
    claude = ClaudeCode(tmp_path, model.url)
    async with claude.terminal() as screen:
        await screen.ready()
        screen.type("hello there")
        await screen.shows("general greetings")
