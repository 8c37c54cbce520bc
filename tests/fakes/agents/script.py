"""What the fakes have in common: directives, and sessions in files. Standard library only: they start often."""

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Directive = tuple[str, str, dict[str, Any]]


def directives(prompt: str) -> Iterator[Directive]:
    """Give word, text and arguments of each line that begins with `@@`; `sleep` and `die` are done here."""
    for line in map(str.strip, prompt.splitlines()):
        if not line.startswith("@@"):
            continue
        word, _, rest = line[2:].partition(" ")
        if word == "sleep":
            time.sleep(float(rest))
        elif word == "die":
            sys.stdout.flush()
            sys.stderr.write("Segmentation fault\n")
            sys.stderr.flush()
            os._exit(139)
        elif word in {"tool", "ask"}:
            name, _, given = rest.partition(" ")
            yield word, name, json.loads(given or "{}")
        else:
            yield word, rest, {}


def begin(session: str | None) -> tuple[str, int]:
    """Return the session and how many prompts it has had; one more is counted. An unknown one ends the program."""
    if session and not known(session):
        sys.exit(f"Error: no session found with id {session}")
    session = session or str(uuid.uuid4())
    past = int(_file(session).read_text()) if known(session) else 0
    fresh = _file(f"{session}.new")
    fresh.write_text(str(past + 1))
    fresh.rename(_file(session))  # in one step: the fakes are killed at any time
    return session, past


def known(session: str) -> bool:
    """Tell whether there is such a session."""
    return _file(session).exists()


def show(**row: Any) -> None:
    """Print a line of JSON."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def _file(session: str) -> Path:
    return Path(f"session-{session}")
