"""Stop: before an agent rests it is told, once, what it still holds and whom it has not answered."""

import json
import os
import time

from hooks.agent import Agent, find_agent
from hooks.event import read_event, session_of

PAUSE = 60.0
"""Seconds without a look at a hub that did not answer the last one."""


def run() -> None:
    """Print what is left to do as feedback that lets the agent go on; nothing if it knows of all that."""
    event, agent = read_event(), find_agent()
    if agent is None or event.get("stop_hook_active") or _is_away(agent):
        return
    from airchat.wake import session_key  # noqa: PLC0415 - slow import
    from hooks import hub  # noqa: PLC0415 - same
    from hooks.seen import acknowledge, on_its_way, wakes_of  # noqa: PLC0415 - same
    from hooks.told import Told  # noqa: PLC0415 - same

    told = Told(agent, "stop", session_of(event))
    woken = Told(agent, "wake", session_key(os.environ, session_of(event)))
    _mark(agent)
    with hub.connect(agent) as client:
        acknowledge(client, woken, event)
        work = client.check_work()
    os.unlink(_marker(agent))
    taken = on_its_way(woken) | wakes_of(client, woken).everywhere()
    mentions = [row for row in work["mentions"] if row["message_id"] not in taken]
    left = {row["id"]: "task" for row in work["mine_claimed"]}
    left |= {row["mention_id"]: "mention" for row in mentions}
    if left.keys() <= told.notes.keys():
        return
    told.notes = left
    told.save()
    from hooks.digest import digest  # noqa: PLC0415 - slow import

    text = digest({**work, "mentions": mentions, "open_matching": [], "completed_for_me": []})
    feedback = {"hookEventName": "Stop", "additionalContext": text}
    print(json.dumps({"hookSpecificOutput": feedback}))  # noqa: T201 - how a hook speaks


def _marker(agent: Agent) -> str:
    return agent.cache(f"away-{agent.name}")


def _mark(agent: Agent) -> None:
    """Note that the hub is asked; the note goes with its answer."""
    os.makedirs(agent.cache(""), mode=0o700, exist_ok=True)
    with open(_marker(agent), "w", encoding="ascii"):
        pass


def _is_away(agent: Agent) -> bool:
    """Tell whether the hub did not answer a moment ago."""
    try:
        return 0 <= time.time() - os.stat(_marker(agent)).st_mtime < PAUSE
    except FileNotFoundError:
        return False
