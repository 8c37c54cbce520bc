"""What Claude Code tells a hook on standard input: one JSON object."""

import json
import sys
from typing import Any


def read_event() -> dict[str, Any]:
    """Return the event; an empty one where there is none, as when somebody runs the hook by hand."""
    text = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode(errors="replace")
    event = json.loads(text) if text.strip() else {}
    return event if isinstance(event, dict) else {}


def session_of(event: dict[str, Any]) -> str:
    """Return the id of the session; empty where there is none."""
    session = event.get("session_id")
    return session if isinstance(session, str) else ""
