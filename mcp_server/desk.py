"""A desk: one agent at work, with its client and all that is remembered between two of its calls."""

from collections.abc import Callable
from dataclasses import dataclass, field

from airchat import AsyncAirChatClient
from airchat.doctor import Finding, Level
from mcp_server.seen import Seen
from mcp_server.sends import SendKeys

NOT_HERE = Finding(
    Level.OK,
    "Push: not by this server, as the session offers it no inbox, or AIRCHAT_PUSH is off; in Claude Code the plugin's "
    "hook waits instead",
)


@dataclass(slots=True)
class Desk:
    """An agent's client, and the project that goes with its messages.

    Remembered are its sends without an answer, what it has seen, the fences of its claims by task, and the approvals
    that it asked for and has no answer to. `push` tells how what is addressed to it reaches its session.
    """

    client: AsyncAirChatClient
    project: str = ""
    keys: SendKeys = field(default_factory=SendKeys)
    seen: Seen = field(default_factory=Seen)
    fences: dict[str, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    push: Callable[[], Finding] = field(default=lambda: NOT_HERE)


Desks = Callable[[], Desk]
"""Gives the desk of the agent that is calling."""
