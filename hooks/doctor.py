"""What keeps the agents' CLIs on this machine from using AirChat, and other programs that stand in its way."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from airchat.doctor import Finding, Level
from hooks import failure
from hooks.installer.clients import clients

PACKAGES = ("hooks", "mcp_server", "hub", "store", "bridges", "runner")
"""Top-level names that another distribution could have taken as well."""


def examine() -> Iterator[Finding]:
    """Check the installation, and every CLI that is on this machine."""
    yield from _installation()
    if (failed := failure.newest()) is not None:
        text = f"A hook failed within the last day, which nobody was told: {failed}"
        yield Finding(Level.WARNING, text, "Run: airchat setup. If it fails again, report it.")
    for client in clients():
        if client.present():
            yield from client.examine()


def _installation() -> Iterator[Finding]:
    """Look for packages of ours that are somebody else's: their names are plain words."""
    home = Path(__file__).resolve().parent.parent
    taken = [name for name in PACKAGES if not _is_in(name, home)]
    if taken:
        text = f"Another distribution has taken the name {', '.join(taken)} in {sys.prefix}"
        yield Finding(
            Level.FAILURE, text, "Install airchat-hub into an environment of its own: uv tool, pipx or a venv."
        )


def _is_in(name: str, home: Path) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None and Path(spec.origin).resolve().parent.parent == home
