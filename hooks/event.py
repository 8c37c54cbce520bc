"""What Claude Code tells a hook on standard input: one JSON object."""

import json
import sys
from contextlib import suppress
from typing import Any


def read_event() -> dict[str, Any]:
    """Return the event; an empty one where there is none that can be read, as when somebody runs the hook by hand."""
    event = None
    with suppress(OSError, ValueError, AttributeError):  # standard input may be closed, which makes it None
        event = None if sys.stdin.isatty() else json.loads(sys.stdin.buffer.read().decode(errors="replace"))
    return event if isinstance(event, dict) else {}


def session_of(event: dict[str, Any]) -> str:
    """Return the id of the session; empty where there is none."""
    session = event.get("session_id")
    return session if isinstance(session, str) else ""
