"""Every harness in front of a program that does what its prompt says."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runner.harness.acp import Acp
from runner.harness.claude import Claude, ClaudeOptions
from runner.harness.codex import Codex
from runner.harness.command import CommandHarness
from runner.harness.gemini import Gemini
from runner.harness.port import Event, Harness, PermissionRequest, Place, Session, Verdict
from runner.harness.turns import TurnHarness
from tests.agent_programs import NAMES, program
from tests.claude_code import ClaudeCode
from tests.fakes.anthropic import FakeAnthropic

ROOT = Path(__file__).parents[3]


@dataclass
class Bench:
    """A harness, where it works, and what people say to its requests.

    `real` is one of a real program, in front of a fake model; `tool` is what it calls a shell, and `key` that shell's
    command. `asks` is set where it asks people about it, which `directive` leads to.
    """

    harness: Harness
    folder: Path
    real: bool = False
    asks: bool = True
    tool: str = "Bash"
    shell: str = "@@tool Bash"
    key: str = "command"
    directive: str = "@@ask Bash"
    asked: list[PermissionRequest] = field(default_factory=list)
    verdict: Verdict = field(default_factory=lambda: Verdict(allowed=True))

    def run(self, command: str, *, asking: bool = False) -> str:
        """Return the line by which the program runs a command, as one it asks about if it is to."""
        more = {"description": "Try"} if self.tool == "bash" else {}
        return f"{self.directive if asking else self.shell} {json.dumps({self.key: command, **more})}"

    @property
    def fails(self) -> str:
        """The line by which the model fails."""
        return "@@error 400" if self.real else "@@fail overloaded"

    async def ask(self, request: PermissionRequest) -> Verdict:
        self.asked.append(request)
        return self.verdict

    async def start(self, resume: str | None = None) -> Session:
        return await self.harness.start(Place(self.folder, self.ask, instructions="You are a fake."), resume)

    def rest(self) -> None:
        """Let a minute pass for Gemini CLI, which does not know a session again that it has begun within this one."""
        for record in self.folder.parent.glob(".gemini/tmp/work/chats/session-*"):
            record.rename(record.with_name(f"session-2026-01-01T00-00-{record.name.rpartition('-')[2]}"))


def fake(name: str) -> list[str]:
    return [sys.executable, "-m", f"tests.fakes.agents.{name}"]


def small(folder: Path, name: str) -> Bench:
    folder.mkdir()
    state = folder.parent / "state"
    match name:
        case "codex":
            return Bench(TurnHarness(Codex(state, fake("codex"))), folder, asks=False)
        case "acp":
            return Bench(Acp(fake("acp_agent"), "default"), folder)
        case _:
            return Bench(CommandHarness(fake("command")), folder)


async def claude(folder: Path, stack: AsyncExitStack) -> Bench:
    model = await stack.enter_async_context(FakeAnthropic())
    program = ClaudeCode(folder, model.url)
    options = ClaudeOptions(folder / "state", program.program, permission_mode="default", asks=True, env=program.env)
    return Bench(Claude(options), program.folder, real=True, directive="@@tool Bash")


async def installed(folder: Path, name: str, stack: AsyncExitStack) -> Bench:
    it = await stack.enter_async_context(program(name, folder))
    shell = it.shell("ls").split()[1]
    words = f"@@tool {shell}"
    if name == "codex":
        harness = TurnHarness(Codex(folder / "state", (it.path,), permission_mode="acceptEdits"), it.env)
        return Bench(harness, it.folder, real=True, asks=False, shell=words, key="cmd")
    if name == "gemini":
        gemini = Gemini(folder / "state", (it.path,), allowed_tools=("run_shell_command(ls)",), env=it.env)
        return Bench(gemini, it.folder, real=True, tool="execute", shell=words, directive=words)
    permission = {"OPENCODE_CONFIG_CONTENT": '{"permission": {"bash": {"*": "allow", "touch *": "ask"}}}'}
    opencode = Acp([it.path, "acp"], "default", it.env | permission)
    return Bench(opencode, it.folder, real=True, tool=shell, shell=words, directive=words)


SMALL = ("codex", "acp", "command")
LARGE = ("claude", *(f"real-{name}" for name in NAMES))


@pytest.fixture(params=[*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
async def bench(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "CLAUDE")):
            monkeypatch.delenv(name)
    async with AsyncExitStack() as stack:
        if request.param in SMALL:
            yield small(tmp_path / "work", request.param)
        elif request.param == "claude":
            yield await claude(tmp_path, stack)
        else:
            yield await installed(tmp_path, request.param.removeprefix("real-"), stack)


async def told(session: Session, *lines: str) -> list[Event]:
    """Return all events of a prompt with these lines."""
    return [event async for event in session.prompt("\n".join(lines))]
