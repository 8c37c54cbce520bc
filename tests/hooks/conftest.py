"""A machine enrolled at a stub hub, a project folder, and hooks run as Claude Code runs them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from airchat.client import AirChatClient
from airchat.config import write_config
from airchat.identity import create_machine_key, public_key
from hooks.agent import Agent
from tests.sdk.server import StubHub, running_stub


@dataclass(frozen=True, slots=True)
class Ran:
    """What a hook printed, and its exit code."""

    out: str
    err: str
    code: int


class Desk:
    """A project folder called `shop` on the machine `box`, where hooks run; `env` is what they are given."""

    def __init__(self, home: Path, hub: StubHub) -> None:
        self.hub = hub
        self.folder = home / "shop"
        self.folder.mkdir()
        self.agent = Agent(str(home / ".airchat"), "box-shop", "shop", 300.0)
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "CLAUDE_PROJECT_DIR": str(self.folder)}

    def start(self, word: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a hook; its event is still to be written to standard input."""
        command = [sys.executable, "-m", "hooks.main", word]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, env=self.env | dict(env or {}), stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, word: str, event: object = None, env: Mapping[str, str] | None = None) -> Ran:
        """Run a hook with this event on standard input; text goes there as it is."""
        with self.start(word, env) as process:
            text = event if isinstance(event, str) else json.dumps(event or {})
            try:
                out, err = process.communicate(text, timeout=30)
            finally:
                process.kill()
        return Ran(out, err, process.returncode)

    def other(self, name: str = "ann") -> AirChatClient:
        """Return the client of another agent, `far-<name>`."""
        return self.hub.fake.client(name, machine="far")

    def me(self) -> AirChatClient:
        """Return a client of the agent the hooks run for."""
        return self.hub.fake.client("shop", machine="box")

    def asked(self, path: str) -> list[tuple[str, str]]:
        """Return method and target of the requests for a path so far."""
        return [(method, target) for method, target, _ in self.hub.seen if target.startswith(path)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / ".airchat"
    with running_stub() as stub:
        stub.machines["box"] = public_key(create_machine_key(home))
        write_config(home, {"AIRCHAT_WEB_URL": stub.url, "MACHINE_NAME": "box"})
        desk = Desk(tmp_path, stub)
        desk.me()
        yield desk


def feedback(ran: Ran) -> dict[str, Any]:
    """Return what a hook said as JSON to Claude Code."""
    said: dict[str, Any] = json.loads(ran.out)["hookSpecificOutput"]
    return said
