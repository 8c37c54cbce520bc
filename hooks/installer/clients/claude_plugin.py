"""The plugin of Claude Code: a copy of ours that names our programs by their paths, installed by Claude Code itself.

Claude Code reads it in place, so that what stands there is what runs.
"""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from airchat.doctor import Finding, Level
from airchat.errors import AirChatConfigError
from airchat.identity import make_private_folder, write_private
from hooks.installer.clients.claude_hooks import with_program
from hooks.installer.clients.client import FIX
from hooks.installer.clients.json_server import value_in
from hooks.installer.programs import HOOK, MCP, find_program, why_unusable
from hooks.installer.texts import PLUGIN

MARKET = "airchat-hub"
NAME = f"airchat@{MARKET}"
SHELL = "airchat/bin/airchat"
"""Puts `airchat` on the PATH of the agent's shell, wherever it is installed."""
SECONDS = 120.0


def enabled(settings: dict[str, Any]) -> bool:
    """Tell whether Claude Code's settings have the plugin switched on."""
    return value_in(settings, ("enabledPlugins", NAME)) is True


class Plugin:
    """The plugin in `folder`, which is ours alone; `program` is Claude Code."""

    def __init__(self, folder: Path, program: str) -> None:
        self._folder = folder
        self._program = program

    def install(self) -> list[str]:
        """Write the plugin and have it installed; returns what was changed.

        Raises:
            AirChatConfigError: Claude Code refused.
        """
        done = self._write()
        place = self._market()
        if place is not None and place != str(self._folder):
            self._run("plugin", "marketplace", "remove", MARKET)
        if place != str(self._folder):
            self._run("plugin", "marketplace", "add", str(self._folder))
            done.append(f"added the marketplace {self._folder} to Claude Code")
        if not self.installed():
            self._run("plugin", "install", NAME, "--scope", "user")
            done.append(f"installed the plugin {NAME} in Claude Code")
        return done

    def uninstall(self) -> list[str]:
        """Have it removed; returns what was changed.

        Raises:
            AirChatConfigError: Claude Code refused.
        """
        self._run("plugin", "uninstall", NAME, "--scope", "user")
        self._run("plugin", "marketplace", "remove", MARKET)
        return [f"uninstalled the plugin {NAME} from Claude Code"]

    def installed(self) -> bool:
        """Tell whether Claude Code has it installed and switched on, for this user."""
        return any(one.get("enabled") and one.get("scope") == "user" for one in self._known())

    def examine(self, title: str) -> Iterator[Finding]:
        """Check that it is the plugin of this release, and that what it starts can be started."""
        files = self._files()
        stale = [name for name, text in files.items() if _text(self._folder / name) != text]
        if stale:
            differ = f"{len(stale)} of {len(files)} files differ"
            text = f"the plugin in {self._folder} is not that of this release ({differ})"
            yield Finding(Level.FAILURE, f"{title}: {text}", FIX)
        else:
            yield Finding(Level.OK, f"{title}: the plugin is enabled and that of this release")
        if why := self._why_not_loaded():
            yield Finding(Level.FAILURE, f"{title} does not load the plugin: {why}", FIX)
        for name, command in self._commands():
            if why := why_unusable(command, name):
                yield Finding(Level.FAILURE, f"{title}: {name} cannot be started: {why}", FIX)

    def _known(self) -> list[dict[str, Any]]:
        """Return what Claude Code knows of the plugin: one row for each place where it is installed."""
        return [one for one in self._list("plugin", "list", "--json") if one.get("id") == NAME]

    def _why_not_loaded(self) -> str | None:
        try:
            known = self._known()
        except AirChatConfigError as error:
            return str(error)
        if not known:
            return "it is not installed"
        return "; ".join(str(why) for one in known for why in one.get("errors") or ()) or None

    def _commands(self) -> Iterator[tuple[str, str]]:
        """Give the programs that the plugin as it is there starts."""
        for name, file in ((MCP, ".mcp.json"), (HOOK, "hooks/hooks.json")):
            text = _text(self._folder / "airchat" / file) or ""
            start = text.find('"command": "') + len('"command": ')
            if start > len('"command": '):
                yield name, json.JSONDecoder().raw_decode(text, start)[0]

    def _write(self) -> list[str]:
        files = self._files()
        if all(_text(self._folder / name) == text for name, text in files.items()):
            return []
        shutil.rmtree(self._folder, ignore_errors=True)
        for name, text in files.items():
            make_private_folder((self._folder / name).parent)
            write_private(self._folder / name, text)
        (self._folder / SHELL).chmod(0o700)
        return [f"wrote the plugin to {self._folder}"]

    def _files(self) -> dict[str, str]:
        """Return what the plugin consists of here, by path."""
        files = {}
        for path in sorted(PLUGIN.rglob("*")):
            name = path.relative_to(PLUGIN)
            if path.is_file() and "commands" not in name.parts:
                text = path.read_text("utf-8")
                text = with_program(with_program(text, MCP, find_program(MCP)), HOOK, find_program(HOOK))
                if path.name == "plugin.json":
                    text = json.dumps({**json.loads(text), "version": version("airchat-hub")}, indent=2) + "\n"
                files[str(name)] = text
        files[SHELL] = f'#!/bin/sh\nexec {shlex.quote(find_program("airchat"))} "$@"\n'
        return files

    def _market(self) -> str | None:
        """Return where Claude Code takes our marketplace from, if it knows one."""
        markets = self._list("plugin", "marketplace", "list", "--json")
        return next((str(one.get("path") or one.get("source")) for one in markets if one.get("name") == MARKET), None)

    def _list(self, *arguments: str) -> list[dict[str, Any]]:
        """Return a list that Claude Code prints as JSON."""
        text = self._run(*arguments)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, list):
            raise AirChatConfigError(
                f"claude {' '.join(arguments)}: the answer is no list (--files does without plugins)"
            )
        return [one for one in found if isinstance(one, dict)]

    def _run(self, *arguments: str) -> str:
        command = [self._program, *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AirChatConfigError(f"claude {' '.join(arguments)}: {error}") from error
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip() or "it failed").splitlines()[-1]
            raise AirChatConfigError(f"claude {' '.join(arguments)}: {why} (--files does without plugins)")
        return done.stdout


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
