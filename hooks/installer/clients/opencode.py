"""OpenCode: `~/.config/opencode` with `opencode.jsonc` or `opencode.json`, `AGENTS.md` and `commands`."""

import os
import shutil
from pathlib import Path

from hooks.installer.clients.client import Client, CommandFiles, SettingsClient
from hooks.installer.clients.json_server import registered, server_edit
from hooks.installer.texts import as_markdown

KEYS = ("mcp", "airchat")


def client() -> Client:
    """Return OpenCode as this machine has it."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "opencode"
    commented = home / "opencode.jsonc"
    settings = commented if commented.exists() else home / "opencode.json"
    return SettingsClient(
        id="opencode",
        title="OpenCode",
        here=lambda: home.is_dir() or shutil.which("opencode") is not None,
        server=server_edit(settings, KEYS, lambda program: {"type": "local", "command": [program], "enabled": True}),
        command=registered(settings, KEYS),
        instructions=home / "AGENTS.md",
        command_files=CommandFiles(home / "commands", ".md", as_markdown),
    )
