"""The transcripts that Claude Code keeps: they tell whether a session has put a text before its model."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

FILES = 20
"""How many of a project's transcripts are looked at; a session begins another when its context is cleared."""
CHUNK = 4 * 1024 * 1024

_WAITING = "queue-operation"


class Transcript:
    """What is written after now in the transcripts beside a session's, read piece by piece.

    `waiting` are the marks, of those looked for last, that stand in what waits to be shown; `taken` tells that any mark
    was ever found.
    """

    def __init__(self, folder: Path, session: str) -> None:
        self.taken = False
        self.waiting: set[str] = set()
        self._folder = folder
        self._session = re.sub(r"[^A-Za-z0-9-]", "-", session)
        self._offsets = {path: _size(path) for path in self._files()}

    def seen(self, marks: set[str]) -> set[str]:
        """Return which of the marks stand in lines that are new since the last call, in what a model was shown.

        What only waits to be shown is written down, too, and does not count: it is `waiting`.
        """
        found: set[str] = set()
        self.waiting &= marks
        if not marks:
            self._offsets = {path: _size(path) for path in self._files()}
            return found
        for path in self._files():
            for line in self._new_lines(path):
                in_line = {mark for mark in marks if mark in line}
                self.taken = self.taken or bool(in_line)
                if in_line and _kind(line) != _WAITING:
                    found |= in_line
                else:
                    self.waiting |= in_line
        return found

    def _files(self) -> list[Path]:
        with suppress(OSError):
            for own in self._folder.glob(f"*/{self._session}.jsonl"):
                beside = sorted(own.parent.glob("*.jsonl"), key=_changed, reverse=True)
                return list(dict.fromkeys([own, *beside[:FILES]]))
        return []

    def _new_lines(self, path: Path) -> list[str]:
        start = self._offsets.get(path, 0)
        try:
            with path.open("rb") as file:
                file.seek(start)
                chunk = file.read(CHUNK)
        except OSError:
            return []
        whole, newline, _ = chunk.rpartition(b"\n")
        self._offsets[path] = start + len(whole) + len(newline) if newline or len(chunk) < CHUNK else start + CHUNK
        return whole.decode(errors="replace").splitlines()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _kind(line: str) -> str | None:
    with suppress(ValueError):
        row: Any = json.loads(line)
        return row.get("type") if isinstance(row, dict) else None
    return None
