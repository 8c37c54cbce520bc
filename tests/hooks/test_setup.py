"""`airchat setup` as it is typed: what it asks, what it refuses, what it says."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from airchat.config import write_config
from airchat.identity import create_machine_key
from tests.hooks.installer.conftest import contents
from tests.hub_process import SCRIPTS
from tests.sdk.server import StubHub, running_stub


def command(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(SCRIPTS / "airchat")
    return subprocess.run(
        [program, "setup", *arguments],
        env=command(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in (".codex", ".gemini"):
        (tmp_path / "kim" / name).mkdir(parents=True)
    return tmp_path / "kim"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "There is no terminal to ask at: add --yes, or say what --for"),
        (["--for", "emacs"], "emacs is none of claude-code, codex, gemini, cursor, opencode"),
        (["--yes"], "This machine belongs to no hub yet"),
        (["--yes", "nonsense"], "must look like CODE@HOST"),
        (["--yes", "ABCD@127.0.0.1:9"], "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_changed(home: Path, arguments: list[str], said: str) -> None:
    before = contents(home)
    done = run(home, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert [line for line in done.stderr.splitlines() if line] == [done.stderr.strip()], "one line"
    after = {name: text for name, text in contents(home).items() if not name.startswith(".airchat")}
    assert after == before


def test_one_cli_that_fails_does_not_stop_the_others(home: Path) -> None:
    (home / ".codex" / "config.toml").write_text("nonsense")
    create_machine_key(home / ".airchat")
    write_config(home / ".airchat", {"AIRCHAT_WEB_URL": "http://127.0.0.1:9", "MACHINE_NAME": "box"})
    done = run(home, "--yes", "--json")
    steps = {step["about"]: step for step in json.loads(done.stdout)}
    assert done.returncode == 1
    assert {about: step["level"] for about, step in steps.items()} == {
        "codex": "failure",
        "gemini": "ok",
        "hub": "failure",
    }
    assert "config.toml cannot be changed" in steps["codex"]["text"]
    assert "cannot be reached" in steps["hub"]["text"]
    assert "airchat" in (home / ".gemini" / "settings.json").read_text()
    assert (home / ".codex" / "config.toml").read_text() == "nonsense"


@pytest.mark.slow
def test_user_is_asked_for_the_code_and_about_each_cli(home: Path) -> None:
    with running_stub() as stub:
        stub.codes["ABCD"] = "box"
        shown = typed(home, stub, [f"ABCD@{stub.url}", "n", "y"])
    assert "Set up Codex CLI? [Y/n]: " in shown
    assert "Set up Gemini CLI? [Y/n]: " in shown
    assert "This machine is enrolled as " in shown
    assert "A message to yourself was sent, read and deleted" in shown
    assert "The MCP server offers " in shown
    assert "Start a new session of each to use it." in shown
    assert list((home / ".codex").iterdir()) == []
    assert (home / ".gemini" / "settings.json").exists()


def typed(home: Path, stub: StubHub, answers: list[str]) -> str:
    """Run `airchat setup` at a terminal and type the answers; returns what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(SCRIPTS / "airchat"), "setup"], env=command(home), cwd=home, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(30) == 0, shown.decode()
    return shown.decode()
