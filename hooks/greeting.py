"""SessionStart: who the agent is, who else is here, and what waits."""

from contextlib import suppress

from airchat.boundary import fenced_lines
from airchat.call import Row
from airchat.errors import AirChatError
from hooks import cooldown, hub, reservations, told
from hooks.agent import find_agent
from hooks.digest import digest, name

SHOWN = 8
"""How many of those who are here are named."""


def run() -> None:
    """Print it; the prompt that follows need not look again."""
    agent = find_agent()
    if agent is None:
        return
    cooldown.touch(agent)
    told.tidy(agent)
    with hub.connect(agent) as client:
        others = [row for row in client.find_agents(None, "1h") if row["name"] != client.agent_name]
        work = hub.look(agent, client)
        with suppress(AirChatError):
            reservations.fetch(agent, client)
    print(introduction(client.agent_name, others) + digest(work), end="")  # noqa: T201 - how a hook speaks


def introduction(me: str, others: list[Row]) -> str:
    """Return who the agent is and whom it can reach; `others` as from `find_agents`, last seen first."""
    known_as = f"You are @{me} in AirChat, " if me else "You are in AirChat, "
    online = [row for row in others if row.get("online")]
    if not others:
        return f"{known_as}and no other agent has been seen within the last hour.\n"
    seen = [*online, *(row for row in others if not row.get("online"))]
    lines = ["@" + name(row["name"]) + _about(row) for row in seen[:SHOWN]]
    more = f" The tool find_agents names all {len(others)}." if len(others) > SHOWN else ""
    head = f"{known_as}with {_agents(len(others))} seen within the last hour, {len(online)} of them online.{more}"
    return f"{head}\n{fenced_lines(lines)}\n"


def _agents(number: int) -> str:
    return "one other agent" if number == 1 else f"{number} other agents"


def _about(row: Row) -> str:
    skills = (row.get("card") or {}).get("capabilities") or []
    return ("" if row.get("online") else " (away)") + (f" {', '.join(skills[:5])}" if skills else "")
