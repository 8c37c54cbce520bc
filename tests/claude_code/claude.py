"""Claude Code with a home of its own: what it is started with, and runs that end by themselves."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.claude_code.screen import Screen
from tests.claude_code.session import Session
from tests.conftest import IN_CI
from tests.hub_process import SCRIPTS

KEY = "dummy-key-for-a-model-on-loopback"
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
}


def find_claude() -> str:
    """Return the path of `claude`: that of claude-agent-sdk, else an installed one; skips where there is none."""
    spec = find_spec("claude_agent_sdk")
    bundled = Path(spec.origin).parent / "_bundled" / "claude" if spec and spec.origin else None
    if bundled is not None and bundled.exists():
        return str(bundled)
    return shutil.which("claude") or _without("Claude Code is not installed (pip install claude-agent-sdk)")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended: what it printed, to standard output and to standard error, and its exit code."""

    text: str
    error: str
    code: int


class ClaudeCode:
    """Claude Code whose home is a new folder under `folder`; the project folder in there is called `project`."""

    def __init__(
        self, folder: Path, model_url: str, *, project: str = "project", env: Mapping[str, str] | None = None
    ) -> None:
        self.program = find_claude()
        self.home = folder / "claude-home"
        self.config = self.home / ".claude"
        self.folder = self.home / project
        self.folder.mkdir(parents=True)
        self.config.mkdir()
        self.env = {
            "HOME": str(self.home),
            "CLAUDE_CONFIG_DIR": str(self.config),
            "PATH": f"{SCRIPTS}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "ANTHROPIC_BASE_URL": model_url,
            "ANTHROPIC_API_KEY": KEY,
            **QUIET,
            **(env or {}),
        }
        self._introduce()

    async def run(self, prompt: str, *flags: str) -> Run:
        """Answer one prompt and end (`claude -p`)."""
        return await self.command("-p", prompt, *flags)

    async def command(self, *arguments: str) -> Run:
        """Run `claude` with these arguments in the project folder."""
        process = await asyncio.create_subprocess_exec(
            self.program,
            *arguments,
            env=self.env,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        return Run(output.decode().strip(), errors.decode().strip(), process.returncode or 0)

    @asynccontextmanager
    async def session(self, *flags: str) -> AsyncIterator[Session]:
        """Stay, as an SDK or a runner keeps it: turns as JSON lines; ended with the block."""
        process = await asyncio.create_subprocess_exec(
            self.program,
            "-p",
            *("--input-format", "stream-json", "--output-format", "stream-json", "--verbose", *flags),
            env=self.env,
            cwd=self.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
        )
        session = Session(process)
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def terminal(self, *flags: str) -> AsyncIterator[Screen]:
        """Show the interactive interface in tmux; killed at the end of the block. Skips where there is no tmux."""
        if shutil.which("tmux") is None:
            _without("tmux is not installed")
        screen = Screen(self.home, self.env)
        # The mode of today's default asks a service about each tool; there is none here.
        screen.start([self.program, "--permission-mode", "default", *flags], self.folder)
        try:
            yield screen
        finally:
            screen.stop()

    def settings(self, **values: Any) -> None:
        """Put values into the user's settings.json."""
        _merge(self.config / "settings.json", values)

    def _introduce(self) -> None:
        """Answer what Claude Code asks at its first start: theme, key, trust in the folder."""
        values = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [KEY[-20:]]},
            "projects": {str(self.folder): {"hasTrustDialogAccepted": True}},
        }
        _merge(self.config / ".claude.json", values)


def _without(message: str) -> NoReturn:
    """Give the test up; in CI, where everything is to be there, that is a failure."""
    if IN_CI:
        pytest.fail(message)
    pytest.skip(message)


def _merge(path: Path, values: Mapping[str, Any]) -> None:
    old = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**old, **values}))
