"""Gemini CLI: `~/.gemini` with `settings.json`, `GEMINI.md` and `commands`."""

import shutil
from pathlib import Path

from hooks.installer.clients.client import Client, CommandFiles, SettingsClient
from hooks.installer.clients.json_server import registered, server_edit
from hooks.installer.texts import as_toml

KEYS = ("mcpServers", "airchat")


def client() -> Client:
    """Return Gemini CLI as this machine has it."""
    home = Path.home() / ".gemini"
    settings = home / "settings.json"
    return SettingsClient(
        id="gemini",
        title="Gemini CLI",
        here=lambda: home.is_dir() or shutil.which("gemini") is not None,
        server=server_edit(settings, KEYS, lambda program: {"command": program}),
        command=registered(settings, KEYS),
        instructions=home / "GEMINI.md",
        command_files=CommandFiles(home / "commands", ".toml", as_toml),
    )
