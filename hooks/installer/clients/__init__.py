"""The agents' CLIs that can be set up, one file each."""

from hooks.installer.clients import claude_code, codex, cursor, gemini, opencode
from hooks.installer.clients.client import Client


def clients(*, files: bool = False) -> list[Client]:
    """Return every CLI that AirChat can be made part of, here or not; `files` leaves plugins alone."""
    return [claude_code.client(files=files), codex.client(), gemini.client(), cursor.client(), opencode.client()]
