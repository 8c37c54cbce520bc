"""Codex CLI: `~/.codex` (or CODEX_HOME) with `config.toml`, `AGENTS.md` and `skills`, which are its commands."""

import os
import shutil
import tomllib
from pathlib import Path

from airchat.errors import AirChatConfigError
from hooks.installer import toml_table
from hooks.installer.clients.client import Client, CommandFiles, Edit, SettingsClient, read_text
from hooks.installer.clients.json_server import command_in
from hooks.installer.texts import as_skill

TABLE = ("mcp_servers", "airchat")


def client() -> Client:
    """Return Codex CLI as this machine has it."""
    home = Path(os.environ.get("CODEX_HOME") or Path.home() / ".codex")
    config = home / "config.toml"

    def server(program: str) -> Edit:
        return Edit(
            config,
            lambda text: toml_table.put(text, TABLE, "command", program),
            lambda text: toml_table.take(text, TABLE),
        )

    def command() -> str | None:
        try:
            return command_in(tomllib.loads(read_text(config)), (*TABLE, "command"))
        except tomllib.TOMLDecodeError as error:
            raise AirChatConfigError(f"{config} is broken: {error}") from error

    return SettingsClient(
        id="codex",
        title="Codex CLI",
        here=lambda: home.is_dir() or shutil.which("codex") is not None,
        server=server,
        command=command,
        instructions=home / "AGENTS.md",
        command_files=CommandFiles(home / "skills", "/SKILL.md", as_skill),
    )
