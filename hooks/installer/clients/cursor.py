"""Cursor and its CLI: `~/.cursor` with `mcp.json` and `commands`.

Personal rules are in Cursor's own settings, not in a file; what the model needs to know comes with the MCP server.
"""

import shutil
from pathlib import Path

from hooks.installer.clients.client import Client, CommandFiles, SettingsClient
from hooks.installer.clients.json_server import registered, server_edit
from hooks.installer.texts import as_plain

KEYS = ("mcpServers", "airchat")


def client() -> Client:
    """Return Cursor as this machine has it."""
    home = Path.home() / ".cursor"
    settings = home / "mcp.json"
    return SettingsClient(
        id="cursor",
        title="Cursor",
        here=lambda: home.is_dir() or any(shutil.which(name) for name in ("cursor", "cursor-agent")),
        server=server_edit(settings, KEYS, lambda program: {"command": program}),
        command=registered(settings, KEYS),
        command_files=CommandFiles(home / "commands", ".md", as_plain),
    )
