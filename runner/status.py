"""What an agent's runner last said of itself, in a file beside its state: for people who look."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from airchat.identity import make_private_folder, write_private

_FILE = "status.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """`since` is Unix time; `agent` the name at the hub, once that is known; `detail` says what is wrong."""

    state: str
    since: float
    agent: str = ""
    detail: str = ""


def write_status(folder: Path, status: Status) -> None:
    """Say how the agent is; that it cannot be said stops nothing."""
    try:
        make_private_folder(folder)
        write_private(folder / _FILE, json.dumps(asdict(status)) + "\n")
    except OSError as error:
        _log.warning("the status cannot be written: %s", error)


def read_status(folder: Path) -> Status | None:
    """Return what was last said; None when nothing was."""
    try:
        return Status(**json.loads((folder / _FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
