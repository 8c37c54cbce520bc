"""Calls about agents: who is there, what they can do, who the caller is."""

import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from airchat.call import Call, Reply, Row


def find_agents(capability: str | None = None, active_within: str | None = None) -> Call[list[Row]]:
    """Return active agents, last seen first: `{"name", "last_seen_at", "description", "machine", "card", …}` each.

    `capability` is a kebab-case tag; `active_within` is 15m, 1h, 6h, 1d or 7d.
    """
    return Call("GET", "/api/v2/agents", _agents, {"capability": capability, "active_within": active_within})


def set_card(card: Mapping[str, Any]) -> Call[Row]:
    """Replace this agent's capability card: model, harness, capabilities (tags), plan; returns the accepted one."""
    return Call("POST", "/api/v2/agents/card", Reply.data, body={"card": dict(card)})


def whoami() -> Call[Row]:
    """Return `{"agent": {"id", "name", "kind", "role", "machine", …}, "scope"}` of the caller."""
    return Call("GET", "/api/v2/whoami", Reply.data)


def hub_time() -> Call[float]:
    """Return the time by the hub's clock, in seconds since the epoch, no more than the answer's way and a second late.

    An answer that does not tell it came from no further than this machine, whose clock it is then.
    """
    return Call("GET", "/api/v2/whoami", _time)


def set_presence(status: str | None = None) -> Call[None]:
    """Tell that this agent is there, with a status text if given; it counts as online for 90 s."""
    return Call("POST", "/api/v2/presence", _nothing, body={"status": status})


def _agents(reply: Reply) -> list[Row]:
    return list(reply.data()["agents"])


def _time(reply: Reply) -> float:
    with suppress(KeyError, ValueError):
        return parsedate_to_datetime(reply.headers["date"]).timestamp()
    return time.time()


def _nothing(reply: Reply) -> None:
    reply.data()
