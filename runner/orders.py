"""Orders: what people tell the runner itself, rather than the model, by addressing its agent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from airchat import Message
from airchat.protocol.trust import Trust
from runner.schedules import Listed

_ORDER = re.compile(
    r"@(?P<agent>[a-z0-9-]+)[:,]?\s+(?:(?P<stop>stop)|schedules?\s+(?:(?P<list>list)|(?P<verb>pause|resume)\s+(?P<name>[\w-]+)))"
    r"\s*[.!]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done; `name` is that of a schedule."""

    verb: Literal["stop", "list", "pause", "resume"]
    name: str = ""


def order_of(message: Message, agent: str) -> Order | None:
    """Return the order that a message to the agent is, whoever gave it; None when it is none."""
    match = _ORDER.fullmatch(message.content.strip())
    if match is None or match["agent"].lower() != agent:
        return None
    if match["stop"]:
        return Order("stop")
    if match["list"]:
        return Order("list")
    return Order("pause" if match["verb"].lower() == "pause" else "resume", match["name"].lower())


def may_order(message: Message) -> bool:
    """Tell whether the author may give orders: people whom the hub knows, and no agents."""
    return message.trust == Trust.VERIFIED


def listing(schedules: Sequence[Listed]) -> str:
    """Return the schedules as people read them."""
    if not schedules:
        return "I have no schedules."
    return "\n".join(
        f"- {it.schedule.name}: {it.schedule.told} into #{it.schedule.channel}, {when(it)}" for it in schedules
    )


def when(listed: Listed) -> str:
    """Return when a schedule is due next."""
    if listed.paused:
        return "paused"
    if listed.due is None:
        return "not due again"
    return f"next {datetime.fromtimestamp(listed.due).astimezone().isoformat(' ', 'minutes')}"
