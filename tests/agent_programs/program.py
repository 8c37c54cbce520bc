"""Real agent CLIs, each in front of the fake of the API that it asks."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.google import FakeGoogle
from tests.fakes.model import FakeModel
from tests.fakes.openai import FakeOpenAI

KEY = "dummy-key-for-a-model-on-loopback"


@dataclass(frozen=True)
class Kind:
    """What is special about a program: its fake, the settings that lead to it, and what its tools are called."""

    model: type[FakeModel]
    settings: Callable[[Path, str], dict[str, str]]
    shell: tuple[str, str]
    mcp: str


@dataclass(frozen=True)
class Program:
    """A program whose home is a new folder; it works in `folder`."""

    name: str
    path: str
    model: FakeModel
    home: Path
    folder: Path
    env: dict[str, str]

    def shell(self, command: str) -> str:
        """Return the directive by which the model has a shell run a command."""
        tool, key = KINDS[self.name].shell
        return f"@@tool {tool} {json.dumps({key: command, **({'description': 'Try'} if tool == 'bash' else {})})}"

    def mcp(self, server: str, tool: str, given: dict[str, Any] | None = None) -> str:
        """Return the directive by which the model calls a tool of an MCP server."""
        return f"@@tool {KINDS[self.name].mcp.format(server=server, tool=tool)} {json.dumps(given or {})}"


@asynccontextmanager
async def program(name: str, folder: Path) -> AsyncIterator[Program]:
    """Prepare a program; skips where it is not installed."""
    path, kind = shutil.which(name), KINDS[name]
    if path is None:
        pytest.skip(f"{name} is not on the PATH")
    home = folder / f"{name}-home"
    (home / "work").mkdir(parents=True)
    async with kind.model() as model:
        env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TMPDIR": str(home)}
        yield Program(name, path, model, home, home / "work", env | kind.settings(home, model.url))


def _codex(home: Path, url: str) -> dict[str, str]:
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(
        'model = "gpt-fake"\nmodel_provider = "fake"\n\n[model_providers.fake]\nname = "fake"\nwire_api = "responses"\n'
        f'base_url = "{url}/v1"\nenv_key = "OPENAI_API_KEY"\nrequest_max_retries = 0\nstream_max_retries = 0\n'
    )
    return {"CODEX_HOME": str(home / ".codex"), "OPENAI_API_KEY": KEY}


def _gemini(home: Path, url: str) -> dict[str, str]:
    (home / ".gemini").mkdir()
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"sessionRetention": {"enabled": False}},  # else it throws sessions away that were resumed
        "model": {"name": "gemini-2.5-pro"},  # else another one is asked first which to take
    }
    (home / ".gemini" / "settings.json").write_text(json.dumps(settings))
    return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": url}


def _opencode(home: Path, url: str) -> dict[str, str]:
    (home / ".config" / "opencode").mkdir(parents=True)
    model = {"name": "fake", "tool_call": True, "limit": {"context": 200_000, "output": 8_000}}
    provider = {"npm": "@ai-sdk/anthropic", "options": {"baseURL": f"{url}/v1", "apiKey": KEY}, "models": {"m": model}}
    settings = {"provider": {"fake": provider}, "model": "fake/m", "small_model": "fake/m", "autoupdate": False}
    (home / ".config" / "opencode" / "opencode.json").write_text(json.dumps(settings))
    return {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1"}


KINDS = {
    "codex": Kind(FakeOpenAI, _codex, ("exec_command", "cmd"), "mcp__{server}__{tool}"),
    "gemini": Kind(FakeGoogle, _gemini, ("run_shell_command", "command"), "mcp_{server}_{tool}"),
    "opencode": Kind(FakeAnthropic, _opencode, ("bash", "command"), "{server}_{tool}"),
}
NAMES = tuple(KINDS)
