"""`airchat-runner doctor`: looks for what keeps agents from working, and says the fix. It changes nothing."""

import asyncio
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import typer

from airchat import AirChatError
from airchat.cli.options import AsJson
from airchat.cli.terminal import paint, safe, say, say_json
from airchat.doctor import Finding, Level
from runner.assembly import connect, folder_of
from runner.cli.options import Config
from runner.config import SettingsError, default_config, load_settings
from runner.harness.open import find_program, mode_of, open_harness
from runner.harness.port import HarnessError
from runner.lock import holder
from runner.settings import AgentSection, Settings

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILURE: "red"}
_ROOM_BYTES = 100 * 1024 * 1024
_PROGRAM_SECONDS = 20.0


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, programs, keys and the hub for each agent; exit code 1 when something is broken."""
    findings = list(examine(config or default_config()))
    if as_json:
        say_json(findings)
    for finding in [] if as_json else findings:
        say(f"{paint(finding.level.value.upper().ljust(7), fg=COLOURS[finding.level])} {safe(finding.text)}")
        if finding.fix:
            say(f"        {safe(finding.fix)}")
    raise typer.Exit(1 if any(finding.level is Level.FAILURE for finding in findings) else 0)


def examine(path: Path) -> Iterator[Finding]:
    """Check one thing after the other; without usable settings there is nothing else to check."""
    try:
        settings = load_settings(path)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding(Level.FAILURE, line, "Correct it; `airchat-runner init` writes a file that explains all.")
        return
    if not settings.agents:
        yield Finding(Level.FAILURE, f"{path} has no agent", "Add one under [agents.NAME].")
        return
    yield Finding(Level.OK, f"Settings: {path}")
    yield from _state(settings)
    for name, agent in settings.agents.items():
        for finding in (*_agent(agent, folder_of(settings, name)), _hub(settings, name)):
            yield Finding(finding.level, f"{name}: {finding.text}", finding.fix)


def _state(settings: Settings) -> Iterator[Finding]:
    folder = settings.runner.state_dir
    there = next(it for it in (folder.absolute(), *folder.absolute().parents) if it.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding(Level.FAILURE, f"{there} cannot be written", "Give it to this user, or set runner.state_dir.")
    elif folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield Finding(Level.WARNING, f"Others can look into {folder}", f"chmod 700 {folder}")
    if shutil.disk_usage(there).free < _ROOM_BYTES:
        yield Finding(Level.WARNING, f"The disk of {there} is nearly full", "Free some room.")


def _agent(agent: AgentSection, folder: Path) -> Iterator[Finding]:
    if not agent.working_dir.is_dir():
        fix = "Make it, or correct working_dir."
        yield Finding(Level.FAILURE, f"the working directory {agent.working_dir} is not there", fix)
    yield _program(agent, folder)
    if agent.permission_mode == "bypassPermissions":
        root = os.geteuid() == 0 and agent.harness == "claude"
        text = "permission_mode bypassPermissions lets it do anything that this user may"
        fix = 'Use "dontAsk" with allowed_tools.'
        yield (
            Finding(Level.FAILURE, f"{text}, and Claude Code refuses it as root", fix)
            if root
            else Finding(Level.WARNING, text, fix)
        )
    elif agent.harness == "codex" and agent.approvals:
        yield Finding(Level.OK, "codex asks nobody: what it may not do unasked, it cannot do")
    elif mode_of(agent) == "default":
        yield Finding(Level.OK, "people are asked about tools that are not allowed")
    pid = holder(folder)
    yield Finding(Level.OK, "not running" if pid is None else f"runs as process {pid}")


def _program(agent: AgentSection, folder: Path) -> Finding:
    try:
        open_harness(agent, folder)
    except HarnessError as error:
        return Finding(Level.FAILURE, str(error), "Install it into the environment of airchat-runner.")
    program = find_program(agent)
    wanted = agent.program[0] if agent.program else agent.harness
    if program is None:
        return Finding(Level.FAILURE, f"there is no program {wanted}", "Install it, or name its path in program.")
    if agent.harness in {"acp", "command"}:
        return Finding(Level.OK, program)
    try:
        done = subprocess.run(
            [program, *agent.program[1:], "--version"],
            env={**os.environ, **agent.env},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=_PROGRAM_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(Level.FAILURE, f"{program} does not run: {error}", "Repair or reinstall it.")
    said = (done.stdout or done.stderr).strip().splitlines()
    if done.returncode:
        return Finding(Level.FAILURE, f"{program} does not run: {(said or ['?'])[-1]}", "Repair or reinstall it.")
    return Finding(Level.OK, f"{program} {said[0] if said else ''}".strip())


def _hub(settings: Settings, name: str) -> Finding:
    async def ask() -> str:
        client = connect(settings, name)
        async with client, asyncio.timeout(_PROGRAM_SECONDS):
            return str((await client.whoami())["agent"]["name"])

    try:
        return Finding(Level.OK, f"the hub knows it as {asyncio.run(ask())}")
    except SettingsError as error:
        return Finding(Level.FAILURE, str(error), "Correct it.")
    except (AirChatError, TimeoutError) as error:
        return Finding(Level.FAILURE, str(error) or "the hub does not answer", "Run `airchat doctor` for more.")
