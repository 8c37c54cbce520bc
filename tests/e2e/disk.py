"""A disk that is full, for one process."""

import resource
from pathlib import Path

from tests.hub_process import HubProcess

ROOM_BYTES = 300_000
"""How much a hub may still write that `limit_files` gives so much room."""


def limit_files(hub: HubProcess, size: int) -> None:
    """Let no file of the hub grow beyond so many bytes: writing more fails, as on a full disk."""
    resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def largest(folder: Path) -> int:
    """Return the size of the largest file."""
    return max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
