"""Claude Code: the plugin where its program is there, else the same in its settings files.

Slash commands are files of the user's in either case: those of a plugin would be called `/airchat:check`.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from airchat.doctor import Finding, Level
from airchat.errors import AirChatConfigError
from airchat.identity import default_home
from hooks.installer import section
from hooks.installer.clients import claude_hooks, claude_plugin
from hooks.installer.clients.client import FIX, Client, CommandFiles, Edit, apply, examine_server, take_back
from hooks.installer.clients.json_server import command_in, read_object, server_edit
from hooks.installer.journal import Journal
from hooks.installer.programs import HOOK, MCP, find_program, why_unusable
from hooks.installer.texts import INSTRUCTIONS, as_claude

SERVER = ("mcpServers", "airchat")


def client(*, files: bool = False) -> Client:
    """Return Claude Code as this machine has it; `files` leaves its plugins alone."""
    own = os.environ.get("CLAUDE_CONFIG_DIR")
    config = Path(own) if own else Path.home() / ".claude"
    state = (config if own else Path.home()) / ".claude.json"
    return ClaudeCode(config, state, None if files else _program())


class ClaudeCode:
    """Claude Code with its folder of settings and its file of state; `program` is its own, if it is here."""

    id = "claude-code"
    title = "Claude Code"

    def __init__(self, config: Path, state: Path, program: str | None) -> None:
        self._config = config
        self._state = state
        self._settings = config / "settings.json"
        self._folder = default_home() / "claude-code"
        self._plugin = claude_plugin.Plugin(self._folder, program) if program else None

    def present(self) -> bool:
        """Tell whether it is there, or has been used here."""
        return self._plugin is not None or self._config.is_dir()

    def install(self, journal: Journal) -> list[str]:
        """Install the plugin, or write the settings, and write the slash commands."""
        if self._plugin is None:
            return apply([*self._settings_edits(), *self._commands()], journal)
        hooks, *others = self._settings_edits()
        done = take_back(others, journal) + apply([Edit(hooks.path, hooks.take, hooks.take)], journal)
        with journal.watching(self._settings):
            done += self._plugin.install()
        return done + apply(self._commands(), journal)

    def uninstall(self, journal: Journal) -> list[str]:
        """Remove all of it."""
        done = take_back(self._commands(), journal)
        if self._plugin is not None and self._plugin.installed():
            untouched = journal.untouched(self._settings)
            done += self._plugin.uninstall()
            journal.give_back(self._settings, lambda text: text, untouched=untouched)
        shutil.rmtree(self._folder, ignore_errors=True)
        return done + take_back(self._settings_edits(), journal)

    def examine(self) -> Iterator[Finding]:
        """Check the plugin, or the hooks and the MCP server in the settings."""
        try:
            settings = read_object(self._settings)
            by_hand = command_in(read_object(self._state), (*SERVER, "command"))
        except AirChatConfigError as error:
            yield Finding(Level.FAILURE, f"{self.title}: {error}", "Repair that file, then run: airchat setup")
            return
        if settings.get("disableAllHooks") is True:
            text = f"hooks are switched off by disableAllHooks in {self._settings}"
            yield Finding(Level.WARNING, f"{self.title}: {text}", "Take that line out of it")
        if claude_plugin.enabled(settings):
            yield from self._examine_plugin(by_hand)
            return
        hook = claude_hooks.command_in(settings)
        if hook is None:
            text = "the hook is missing, so the agent does not hear of mentions by itself"
            yield Finding(Level.WARNING, f"{self.title}: {text}", FIX)
        elif why := why_unusable(hook, HOOK):
            yield Finding(Level.FAILURE, f"{self.title}: the hook cannot be run: {why}", FIX)
        else:
            yield Finding(Level.OK, f"{self.title}: the hooks are in place and can be run")
        yield from examine_server(self.title, by_hand)

    def _examine_plugin(self, by_hand: str | None) -> Iterator[Finding]:
        if self._plugin is None:
            text = "the plugin is enabled, but the program claude is not on PATH"
            yield Finding(Level.WARNING, f"{self.title}: {text}", "Add its folder to PATH, then run: airchat doctor")
            return
        yield from self._plugin.examine(self.title)
        if by_hand is not None:
            text = "the MCP server is registered beside the plugin as well, so each tool is there twice"
            yield Finding(Level.WARNING, f"{self.title}: {text}", "Run: claude mcp remove airchat -s user")

    def _settings_edits(self) -> list[Edit]:
        hook, memory = find_program(HOOK), self._config / "CLAUDE.md"
        server = server_edit(self._state, SERVER, lambda program: {"type": "stdio", "command": program})
        return [
            Edit(self._settings, lambda text: claude_hooks.put(text, hook), claude_hooks.take),
            server(find_program(MCP)),
            Edit(memory, lambda text: section.put(text, INSTRUCTIONS), section.take),
        ]

    def _commands(self) -> list[Edit]:
        return CommandFiles(self._config / "commands", ".md", as_claude).edits()


def _program() -> str | None:
    """Return the path of `claude`, also where its own installer puts it and PATH does not lead."""
    places = [Path.home() / ".local" / "bin" / "claude", Path.home() / ".claude" / "local" / "claude"]
    return shutil.which("claude") or next((str(path) for path in places if os.access(path, os.X_OK)), None)
