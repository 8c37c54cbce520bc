"""What a session was woken with, and whether it has seen it: its transcript tells.

Only what was seen is acknowledged, at the end of the turn that saw it.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from airchat.client import AirChatClient
from airchat.types import InboxItem
from airchat.wake import Wakes
from hooks.told import Told

AGAIN = 600.0
"""Seconds after which what was shown and never seen is shown again."""
OTHERS = 5
"""How many transcripts beside the session's own are looked at."""


def note(client: AirChatClient, shown: Told, items: list[InboxItem], code: str) -> None:
    """Write down that items were shown inside the boundary with this code."""
    shown.notes |= {item.id: f"{code} {item.message.id if item.message else ''}" for item in items}
    _save(client, shown)


def on_its_way(shown: Told) -> set[str]:
    """Return the messages that the session was woken with and has not seen yet."""
    return {text.partition(" ")[2] for text in shown.notes.values()}


def acknowledge(client: AirChatClient, shown: Told, event: dict[str, Any]) -> None:
    """Acknowledge what the session has seen, and forget what it should have seen long ago."""
    if not shown.notes:
        return
    transcript = Path(str(event.get("transcript_path") or ""))
    codes = {text.partition(" ")[0] for text in shown.notes.values()}
    found = tuple(f"{code} " for code in codes if _saw(transcript, code))
    seen = [item for item, text in shown.notes.items() if text.startswith(found)] if found else []
    if seen:
        client.ack_inbox(seen)
    overdue = shown.age > AGAIN
    if seen or overdue:
        shown.notes = {} if overdue else {item: text for item, text in shown.notes.items() if item not in seen}
        _save(client, shown)


def wakes_of(client: AirChatClient, shown: Told) -> Wakes:
    """Return what the sessions of the agent tell each other of."""
    return Wakes(Path(shown.agent.home), client.agent_name, shown.session)


def _save(client: AirChatClient, shown: Told) -> None:
    """Write it down, and let other sessions of the agent know what this one is dealing with."""
    shown.save()
    wakes_of(client, shown).note({*shown.notes, *on_its_way(shown)}, AGAIN)


def _saw(transcript: Path, code: str) -> bool:
    """Tell whether a boundary stands in what the session has shown its model, rather than waits to be shown."""
    return any(_stands_in(path, code) for path in [transcript, *_others(transcript)])


def _others(transcript: Path) -> list[Path]:
    """Return the newest transcripts beside one: a session that is cleared begins another."""
    with suppress(OSError):
        found = [(path.stat().st_mtime, path) for path in transcript.parent.glob("*.jsonl") if path != transcript]
        return [path for _, path in sorted(found, reverse=True)[:OTHERS]]
    return []


def _stands_in(path: Path, code: str) -> bool:
    with suppress(OSError), path.open(encoding="utf-8", errors="replace") as lines:
        return any(code in line and _kind(line) != "queue-operation" for line in lines)
    return False


def _kind(line: str) -> str | None:
    with suppress(ValueError):
        row: Any = json.loads(line)
        return row.get("type") if isinstance(row, dict) else None
    return None
