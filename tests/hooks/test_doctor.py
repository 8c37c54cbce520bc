"""Everything that `airchat doctor` is to find, broken for real at a real hub."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from airchat.client import AirChatClient
from airchat.config import write_config
from airchat.doctor import Finding, Level, examine
from airchat.enrol import join
from airchat.identity import new_key, write_private
from hooks.doctor import examine as examine_clients
from hooks.installer import setup
from hooks.installer.clients import claude_plugin
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess, free_port
from tests.sdk.server import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with HubProcess(tmp_path_factory.mktemp("hub"), UNLIMITED) as hub:
        yield hub


@pytest.fixture(scope="module")
def enrolled(hub: HubProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.airchat` of a machine called `box`."""
    own = tmp_path_factory.mktemp("box") / ".airchat"
    join(hub.invite("box"), hub.url, machine_name="box", home=own)
    return own


class Box:
    """A machine with a home of its own, and a folder to work in."""

    def __init__(self, hub: HubProcess, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.hub = hub
        self.home = home
        self.own = home / ".airchat"
        self.patch = patch
        patch.setenv("HOME", str(home))
        patch.setenv("PATH", "/usr/bin:/bin")
        self.work_in("shop")

    def work_in(self, project: str) -> None:
        """Go to the folder of a project."""
        (self.home / project).mkdir()
        self.patch.chdir(self.home / project)

    def enrol(self, machine: str) -> None:
        """Become a machine of another name."""
        shutil.rmtree(self.own)
        self.join(machine)

    def join(self, machine: str) -> None:
        """Follow `airchat join CODE@HOST`."""
        join(self.hub.invite(machine), self.hub.url, machine_name=machine, home=self.own, replace=True)

    def register(self) -> None:
        """Make the hub know the agent of this folder."""
        with AirChatClient.from_config() as client:
            client.whoami()

    def found(self) -> list[Finding]:
        """Return what the doctor has found that is not well."""
        return [finding for finding in [*examine(), *examine_clients()] if finding.level is not Level.OK]


@pytest.fixture
def box(hub: HubProcess, enrolled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    shutil.copytree(enrolled, tmp_path / ".airchat")
    return Box(hub, tmp_path, monkeypatch)


def only_failure(box: Box, text: str, fix: str) -> None:
    until(lambda: bool(box.found()))  # the hub hears in a moment of what is changed beside it
    [finding] = box.found()
    assert finding.level is Level.FAILURE
    assert text in finding.text
    assert fix in (finding.fix or "")


def repaired(box: Box) -> None:
    """After the fix was followed, nothing is left to repair."""
    assert box.found() == []


def test_healthy_machine_without_any_cli_has_nothing_to_repair(box: Box) -> None:
    assert box.found() == []


def test_no_configuration(box: Box) -> None:
    (box.own / "config").unlink()
    only_failure(box, "Missing required config", "airchat join CODE@HOST")
    box.join("forgetful")
    repaired(box)


def test_machine_key_that_others_can_read(box: Box) -> None:
    (box.own / "machine.key").chmod(0o640)
    only_failure(box, "Others can read the machine key", f"chmod 600 {box.own / 'machine.key'}")
    (box.own / "machine.key").chmod(0o600)
    repaired(box)


def test_agent_key_that_others_can_read(box: Box) -> None:
    box.register()
    (box.own / "agents" / "box-shop.key").chmod(0o644)
    [finding] = box.found()
    assert finding.level is Level.WARNING
    assert f"chmod 600 {box.own / 'agents' / 'box-shop.key'}" in (finding.fix or "")


def test_hub_that_cannot_be_reached(box: Box) -> None:
    write_config(box.own, {"AIRCHAT_WEB_URL": f"http://127.0.0.1:{free_port()}"})
    only_failure(box, "cannot be reached", "Check that the hub runs")
    write_config(box.own, {"AIRCHAT_WEB_URL": box.hub.url})
    repaired(box)


@pytest.mark.parametrize(("status", "body"), [(200, b"<h1>It works!</h1>"), (401, b"who are you?"), (404, b"{}")])
def test_address_of_something_else(box: Box, status: int, body: bytes) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        write_config(box.own, {"AIRCHAT_WEB_URL": f"http://127.0.0.1:{server.server_port}"})
        only_failure(box, "is no hub", f"Set AIRCHAT_WEB_URL in {box.own / 'config'}")
        server.shutdown()


def test_url_that_is_none(box: Box) -> None:
    write_config(box.own, {"AIRCHAT_WEB_URL": "hub.local"})
    only_failure(box, "must look like http://host:3003", f"Set AIRCHAT_WEB_URL in {box.own / 'config'}")
    box.patch.setenv("AIRCHAT_WEB_URL", "hub.local")
    only_failure(box, "must look like http://host:3003", "Set AIRCHAT_WEB_URL in the environment")
    box.patch.setenv("AIRCHAT_WEB_URL", box.hub.url)
    repaired(box)


def test_clock_that_is_wrong(box: Box) -> None:
    """An agent that is known already goes on; a new one is refused, and the clock is told to be why."""
    box.register()
    with box.patch.context() as patch:
        patch.setattr("airchat.doctor.time", SimpleNamespace(time=lambda: time.time() + 400))
        patch.setattr("airchat.session.datetime", Ahead)
        only_failure(box, "s ahead of the hub's", "set-ntp true")
        box.work_in("new")
        clock, agent = box.found()
        assert "s ahead of the hub's" in clock.text
        assert (agent.text, agent.fix) == ("box-new: " + REFUSED, "Set the clock first.")
    repaired(box)


class Ahead(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Ahead":
        return cls.fromtimestamp(time.time() + 400, tz)


REFUSED = "Registration failed (403): Registration failed"


def test_machine_that_is_revoked(box: Box) -> None:
    box.enrol("doomed")
    box.register()
    box.hub.command("machines", "revoke", "doomed")
    only_failure(box, "Registration failed", "does not know this machine")
    box.join("doomed")
    repaired(box)


def test_token_that_is_revoked(box: Box) -> None:
    box.hub.command("people", "add", "kim")
    token = box.hub.admin("tokens", "create", "kim", "desk")
    box.patch.setenv("AIRCHAT_TOKEN", token["secret"])
    assert box.found() == []
    box.hub.command("tokens", "revoke", token["id"])
    only_failure(
        box, "unknown, revoked or expired", "airchat-hub tokens create NAME LABEL. Set AIRCHAT_TOKEN in the en"
    )
    box.patch.setenv("AIRCHAT_TOKEN", box.hub.admin("tokens", "create", "kim", "LABEL")["secret"])
    repaired(box)


def test_machine_key_that_is_wrong_or_gone(box: Box) -> None:
    """The hub takes another key for a machine by a code that was made for it alone."""
    box.enrol("twin")
    key, invite = box.own / "machine.key", "airchat-hub machines invite twin. Then here: airchat join CODE@127.0.0.1:"
    write_private(key, new_key())
    only_failure(box, REFUSED, invite)
    box.join("twin")
    repaired(box)
    write_private(key, "hello")
    only_failure(box, "neither 64 hex digits nor", f"mv {key} {key}.broken. Then run: airchat doctor")
    key.rename(f"{key}.broken")
    only_failure(box, "no machine key", invite)
    box.join("twin")
    repaired(box)


def test_agent_that_is_deactivated(box: Box) -> None:
    box.work_in("tired")
    box.register()
    box.hub.command("agents", "deactivate", "box-tired")
    only_failure(box, "deactivated", "On the hub: airchat-hub agents activate box-tired")
    box.hub.command("agents", "activate", "box-tired")
    until(lambda: not box.found())


def test_name_that_another_machine_has(box: Box, enrolled: Path) -> None:
    box.enrol("box-web")
    box.register()
    shutil.rmtree(box.own)
    shutil.copytree(enrolled, box.own)
    box.work_in("web-shop")
    only_failure(box, "owned by a different machine", "export AIRCHAT_PROJECT=OTHER")
    with box.patch.context() as patch:
        patch.setenv("AIRCHAT_PROJECT", "OTHER")
        repaired(box)


def with_plugin(box: Box) -> Path:
    """Put the plugin in place as Claude Code would, and a program called claude; returns the plugin's folder."""
    folder = box.own / "claude-code"
    claude_plugin.Plugin(folder, "claude")._write()
    (box.home / ".claude").mkdir()
    (box.home / ".claude" / "settings.json").write_text(json.dumps({"enabledPlugins": {claude_plugin.NAME: True}}))
    program = box.home / ".local" / "bin" / "claude"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{json.dumps([PLUGIN])}'\n")
    program.chmod(0o755)
    return folder


PLUGIN = {"id": claude_plugin.NAME, "enabled": True, "scope": "user"}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ([], "does not load the plugin: it is not installed"),
        ([PLUGIN | {"errors": ["cache-miss"]}], "does not load the plugin: cache-miss"),
        ({}, "the answer is no list"),
    ],
)
def test_plugin_that_claude_code_does_not_load(box: Box, answer: object, text: str) -> None:
    with_plugin(box)
    (box.home / ".local" / "bin" / "claude").write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    only_failure(box, text, "Run: airchat setup")


def test_hooks_that_are_switched_off(box: Box) -> None:
    with_plugin(box)
    file = box.home / ".claude" / "settings.json"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps(settings | {"disableAllHooks": True}))
    [finding] = box.found()
    assert (finding.level, finding.fix) == (Level.WARNING, "Take that line out of it")
    assert f"disableAllHooks in {file}" in finding.text
    file.write_text(json.dumps(settings))
    repaired(box)


def test_claude_code_without_hook_and_server(box: Box) -> None:
    (box.home / ".claude").mkdir()
    hook, server = box.found()
    assert "the hook is missing" in hook.text
    assert "the MCP server of AirChat is not registered" in server.text
    assert {(one.level, one.fix) for one in (hook, server)} == {(Level.WARNING, "Run: airchat setup")}
    assert {step.finding.level for step in setup.install(setup.known_clients([], files=True))} == {Level.OK}
    repaired(box)


def spoil_release(folder: Path) -> None:
    manifest = folder / "airchat" / ".claude-plugin" / "plugin.json"
    manifest.write_text(manifest.read_text().replace('"version": "', '"version": "0.0.'))


def spoil_environment(folder: Path) -> None:
    """Let the hook be in an environment that has been removed."""
    (folder / "gone").write_text(f"#!{folder}/no/python3\n")
    file = folder / "airchat" / "hooks" / "hooks.json"
    file.write_text(file.read_text().replace(f"{SCRIPTS}/airchat-hook", str(folder / "gone")))


def spoil_python(folder: Path) -> None:
    """Let the MCP server be run by a Python that has none of our packages."""
    (folder / "bare").write_text(f"#!{Path(sys.executable).resolve()}\n")
    file = folder / "airchat" / ".mcp.json"
    file.write_text(file.read_text().replace(f"{SCRIPTS}/airchat-mcp", str(folder / "bare")))


@pytest.mark.parametrize(
    ("spoil", "texts"),
    [
        (spoil_release, ["is not that of this release (1 of 6 files differ)"]),
        (spoil_environment, ["1 of 6 files differ", "airchat-hook cannot be started"]),
        (spoil_python, ["1 of 6 files differ", "cannot run airchat-mcp: it has no"]),
    ],
)
def test_plugin_that_is_stale_or_runs_the_wrong_python(
    box: Box, spoil: Callable[[Path], None], texts: list[str]
) -> None:
    folder = with_plugin(box)
    assert box.found() == []
    spoil(folder)
    for one, text in zip(box.found(), texts, strict=True):
        assert (one.level, one.fix) == (Level.FAILURE, "Run: airchat setup")
        assert text in one.text


def test_hook_that_failed_unnoticed(box: Box) -> None:
    box.patch.setenv("AIRCHAT_HOOK_COOLDOWN", "0")
    cooldown = box.own / "cache" / "last-work-check-box-shop"
    cooldown.mkdir(parents=True)
    done = subprocess.run(
        [str(SCRIPTS / "airchat-hook"), "prompt"], input="{}", capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    [finding] = box.found()
    assert finding.level is Level.WARNING
    assert "prompt: IsADirectoryError" in finding.text
    assert list(setup.install([])) == []
    repaired(box)


def test_server_that_is_registered_twice(box: Box) -> None:
    with_plugin(box)
    entry = {"command": str(SCRIPTS / "airchat-mcp")}
    (box.home / ".claude.json").write_text(json.dumps({"mcpServers": {"airchat": entry}}))
    [finding] = box.found()
    assert (finding.level, finding.fix) == (Level.WARNING, "Run: claude mcp remove airchat -s user")


def test_packages_of_another_distribution_under_our_names(box: Box) -> None:
    (box.home / "other" / "hub").mkdir(parents=True)
    (box.home / "other" / "hub" / "__init__.py").touch()
    command = [str(SCRIPTS / "airchat"), "doctor", "--json"]
    env = os.environ | {"PYTHONPATH": str(box.home / "other")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    [finding] = [one for one in json.loads(done.stdout) if one["level"] != "ok"]
    assert finding["text"].startswith("Another distribution has taken the name hub")
    assert "an environment of its own" in finding["fix"]
