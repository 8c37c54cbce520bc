"""What a session has been told already, in a small file of its own in the cache."""

import json
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from airchat.identity import make_private_folder, write_private
from hooks.agent import Agent

KEPT = 30 * 86_400.0
"""Seconds for which the files of a session are kept."""

_OURS = ("told-", "wake-")


class Told:
    """Ids that a session of an agent knows of, with a note each; saved by `save`."""

    def __init__(self, agent: Agent, kind: str, session: str) -> None:
        self.agent = agent
        self.session = session
        mark = re.sub(r"[^A-Za-z0-9-]", "-", session)[:64]
        self._path = Path(agent.cache(f"told-{kind}-{agent.name}-{mark}.json"))
        self.notes: dict[str, str] = {}
        with suppress(OSError, ValueError):
            notes = json.loads(self._path.read_text("utf-8"))
            self.notes = {str(key): str(note) for key, note in notes.items()} if isinstance(notes, dict) else {}

    @property
    def age(self) -> float:
        """How many seconds ago it was saved; without end if it never was."""
        try:
            return time.time() - self._path.stat().st_mtime
        except OSError:
            return float("inf")

    def save(self) -> None:
        """Write it down."""
        make_private_folder(self._path.parent)
        write_private(self._path, json.dumps(self.notes))


def tidy(agent: Agent) -> None:
    """Remove what sessions of long ago have left in the cache."""
    with suppress(OSError), os.scandir(agent.cache("")) as entries:
        for entry in entries:
            if entry.name.startswith(_OURS) and time.time() - entry.stat().st_mtime > KEPT:
                Path(entry.path).unlink()
