"""`airchat-runner` as people run it: a process of its own, beside a hub of its own, stopped and killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airchat import AirChatClient, load_config
from airchat.enrol import join
from runner.cli.main import app
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess
from tests.waiting import SECONDS, until

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


class Box:
    """A machine that is enrolled: with the agent `box-helper`, whose program is a fake, and `box-ann`, who writes."""

    def __init__(self, folder: Path, hub: HubProcess) -> None:
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        self.state = folder / "state" / "helper"
        self.config = folder / "runner.toml"
        self.log = folder / "runner.log"
        (folder / "work").mkdir()
        self.config.write_text(f"""
            [runner]
            state_dir = "{folder}/state"
            [agents.helper]
            harness = "command"
            program = ["{sys.executable}", "-m", "tests.fakes.agents.command"]
            working_dir = "{folder}/work"
            instructions = "@@say answered"
            approvals = false
            [[agents.helper.schedules]]
            name = "daily"
            prompt = "What is new?"
            channel = "general"
            cron = "0 9 * * 1-5"
        """)
        join(hub.invite("box"), hub.url, machine_name="box", home=folder / ".airchat")
        self.ann = AirChatClient(load_config(config_path=folder / ".airchat" / "config"), project="ann")

    def runner(self, *arguments: str) -> Result:
        """Run the command within this process."""
        return CliRunner(env=self.env).invoke(app, [*arguments, "--config", str(self.config)])

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [str(SCRIPTS / "airchat-runner"), "run", "-v", "--config", str(self.config)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=self.env, cwd=self.folder, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def state_is(self, state: str) -> bool:
        (row,) = json.loads(self.runner("status", "--json").stdout)
        return bool(row["state"] == state)

    def ask(self, text: str) -> None:
        self.ann.send_message("general", f"@box-helper {text}")

    def answers(self) -> list[str]:
        return [it.content for it in self.ann.read_messages("general") if it.author_name == "box-helper"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with HubProcess(tmp_path_factory.mktemp("hub"), UNLIMITED) as hub:
        yield hub


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, hub: HubProcess) -> Iterator[Box]:
    box = Box(tmp_path_factory.mktemp("box"), hub)
    with box.ann:
        yield box


def test_story_of_an_agent(box: Box) -> None:
    """Doctor, run, a mention, a second runner, kill -9, a mention meanwhile, start again, stop."""
    assert box.runner("status").stdout.splitlines()[0].strip() == "helper: not running"
    checked = box.runner("doctor")
    assert checked.exit_code == 0, checked.output
    assert "the hub knows it as box-helper" in checked.stdout
    with box.running() as first:
        until(lambda: box.state_is("at work"), box.log.read_text)
        box.ask("are you there?")
        until(lambda: box.answers() == ["answered"], box.log.read_text)
        with box.running():
            until(lambda: f"process {first.pid} works as this agent" in box.log.read_text(), lambda: "", 30)
            first.kill()
            first.wait()
            box.ask("and now?")
            until(lambda: box.answers() == ["answered"] * 2, box.log.read_text)
    box.ask("nobody is here")
    with box.running() as last:
        until(lambda: box.answers() == ["answered"] * 3, box.log.read_text)
        last.send_signal(signal.SIGTERM)
        assert last.wait(SECONDS) == 0
    assert box.state_is("not running")
    assert json.loads((box.state / "state.json").read_text())["finished"] == []
    assert {path.stat().st_mode & 0o077 for path in box.state.iterdir()} == {0}


def test_hub_that_is_killed_within_a_turn_gets_the_answer_later(box: Box, hub: HubProcess) -> None:
    box.config.write_text(box.config.read_text().replace("@@say answered", "@@sleep 1\\n@@say late"))
    with box.running() as process:
        until(lambda: box.state_is("at work"), box.log.read_text)
        box.ask("take your time")
        until(lambda: children(process.pid), box.log.read_text)
        hub.kill()
        time.sleep(1.5)
        hub.start()
        until(lambda: box.answers()[-1:] == ["late"], box.log.read_text)
        box.ask("again")
        until(lambda: box.answers()[-2:] == ["late"] * 2, box.log.read_text)
    box.config.write_text(box.config.read_text().replace("@@sleep 1\\n@@say late", "@@say answered"))


def test_program_ends_with_the_runner(box: Box) -> None:
    box.config.write_text(box.config.read_text().replace("@@say answered", "@@sleep 300"))
    with box.running() as process:
        until(lambda: box.state_is("at work"), box.log.read_text)
        box.ask("sleep")
        child = until(lambda: children(process.pid), box.log.read_text)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in child), lambda: f"{child} live")


def test_schedules_are_paused_from_a_shell(box: Box) -> None:
    assert "helper daily: `0 9 * * 1-5` into #general, next" in box.runner("schedules", "list").stdout
    assert box.runner("schedules", "pause", "daily").stdout == "helper daily: paused\n"
    (row,) = json.loads(box.runner("schedules", "list", "--json").stdout)
    assert (row["paused"], row["due"]) == (True, None)
    assert box.runner("schedules", "resume", "daily").exit_code == 0
    refused = box.runner("schedules", "pause", "nightly")
    assert str(refused.exception) == "there is no schedule nightly"


def test_init_writes_what_can_be_read(box: Box) -> None:
    box.config = box.folder / "new" / "runner.toml"
    done = box.runner("init")
    assert done.exit_code == 0, done.output
    assert box.config.stat().st_mode & 0o777 == 0o600
    assert f'working_dir = "{Path.cwd()}"' in box.config.read_text()
    again = box.runner("init")
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_doctor_says_what_is_wrong(box: Box, tmp_path: Path) -> None:
    box.config = tmp_path / "runner.toml"
    box.config.write_text(
        """
        [runner]
        state_dir = "STATE"
        [agents.a]
        harness = "codex"
        program = ["no-such-codex"]
        working_dir = "/no/such/folder"
        [agents.b]
        harness = "command"
        program = ["sh"]
        working_dir = "/"
        token = "act_wrong"
    """.replace("STATE", str(tmp_path))
    )
    done = box.runner("doctor", "--json")
    assert done.exit_code == 1
    broken = [row["text"] for row in json.loads(done.stdout) if row["level"] == "failure"]
    assert broken[:2] == [
        "a: the working directory /no/such/folder is not there",
        "a: there is no program no-such-codex",
    ]
    assert len(broken) == 3
    assert broken[2].startswith("b: 401")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
