"""PreToolUse: an edit of a file that another agent has reserved is refused, from what is known here already.

The decision takes a look at one file and asks nobody. Reading a file brings that one up to date as well, and an agent
reads what it is about to edit.
"""

import json
import os
import time

from airchat.protocol.globs import covers
from hooks import copy
from hooks.agent import Agent, find_agent
from hooks.event import read_event

_EDITS = {"Edit": "file_path", "MultiEdit": "file_path", "Write": "file_path", "NotebookEdit": "notebook_path"}


def run() -> None:
    """Refuse the edit, or say nothing."""
    event, agent = read_event(), find_agent()
    if agent is None:
        return
    given = event.get("tool_input")
    key = _EDITS.get(str(event.get("tool_name")))
    path = given.get(key) if key and isinstance(given, dict) else None
    if isinstance(path, str):
        decide(agent, path)
    copy.keep_fresh(agent)


def decide(agent: Agent, path: str) -> None:
    """Print the refusal of an edit, if there is a reason for one."""
    reason = refusal(path_in_project(path), known(agent), agent.name, time.time())
    if reason:
        decision = {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
        print(json.dumps({"hookSpecificOutput": decision}), flush=True)  # noqa: T201 - how a hook speaks


def refusal(path: str | None, rows: list[dict[str, object]], me: str, now: float) -> str | None:
    """Return why a path of the project must not be changed now; None when it may.

    A row has a `pattern`, its `holder` and `until` (seconds since the epoch).
    """
    for row in rows:
        until = row["until"]
        if path is None or row["holder"] == me or not isinstance(until, int | float) or until <= now:
            continue
        if covers(str(row["pattern"]), path):
            clock, minutes = time.strftime("%H:%M", time.localtime(until)), max(1, round((until - now) / 60))
            return (
                f"{path} is reserved by @{row['holder']} until {clock}, for {minutes} more "
                f"{'minute' if minutes == 1 else 'minutes'}. Write to them in AirChat, or work elsewhere until then."
            )
    return None


def path_in_project(path: str) -> str | None:
    """Return a path as others of the project know it, below its folder with `/` between; None for one outside."""
    root = os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    real = os.path.realpath(os.path.join(root, path))
    if os.path.commonpath([root, real]) != root:
        return None
    return os.path.relpath(real, root).replace(os.sep, "/")


def known(agent: Agent) -> list[dict[str, object]]:
    """Return the reservations that are known here."""
    try:
        with open(copy.path(agent), encoding="utf-8") as file:
            rows = json.load(file)
    except (OSError, ValueError):
        return []
    return [row for row in rows if {"pattern", "holder", "until"} <= row.keys()]
