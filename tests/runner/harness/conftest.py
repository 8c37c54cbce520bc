"""Every harness in front of a program that does what its prompt says."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runner.harness.acp import Acp
from runner.harness.claude import Claude, ClaudeOptions
from runner.harness.codex import Codex
from runner.harness.command import CommandHarness
from runner.harness.gemini import Gemini
from runner.harness.port import Event, Harness, PermissionRequest, Place, Session, Verdict
from runner.harness.turns import TurnHarness
from tests.claude_code import ClaudeCode
from tests.fakes.anthropic import FakeAnthropic

ROOT = Path(__file__).parents[3]


class Bench:
    """A harness, where it works, and what people say to its requests."""

    def __init__(self, harness: Harness, folder: Path) -> None:
        self.harness = harness
        self.folder = folder
        self.asked: list[PermissionRequest] = []
        self.verdict = Verdict(allowed=True)

    @property
    def asks(self) -> bool:
        """Whether the program asks people; those that live for one turn do not."""
        return not isinstance(self.harness, TurnHarness)

    @property
    def real(self) -> bool:
        """Whether it is a real program, in front of a fake model."""
        return isinstance(self.harness, Claude)

    async def ask(self, request: PermissionRequest) -> Verdict:
        self.asked.append(request)
        return self.verdict

    async def start(self, resume: str | None = None) -> Session:
        return await self.harness.start(Place(self.folder, self.ask, instructions="You are a fake."), resume)


def program(name: str) -> list[str]:
    return [sys.executable, "-m", f"tests.fakes.agents.{name}"]


def small(folder: Path, name: str) -> Harness:
    folder.mkdir()
    match name:
        case "codex":
            return TurnHarness(Codex(program("codex")))
        case "gemini":
            return TurnHarness(Gemini(folder / "state", program("gemini")))
        case "acp":
            return Acp(program("acp_agent"), "default")
        case _:
            return CommandHarness(program("command"))


@pytest.fixture(
    params=["codex", "gemini", "acp", "command", pytest.param("claude", marks=pytest.mark.slow)],
)
async def bench(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if request.param != "claude":
        yield Bench(small(tmp_path / "work", request.param), tmp_path / "work")
        return
    async with FakeAnthropic() as model:
        claude = ClaudeCode(tmp_path, model.url)
        for name in list(os.environ):
            if name.startswith(("ANTHROPIC_", "CLAUDE")):
                monkeypatch.delenv(name)
        options = ClaudeOptions(
            tmp_path / "state", claude.program, permission_mode="default", asks=True, env=claude.env
        )
        yield Bench(Claude(options), claude.folder)


async def told(session: Session, *lines: str) -> list[Event]:
    """Return all events of a prompt with these lines."""
    return [event async for event in session.prompt("\n".join(lines))]
