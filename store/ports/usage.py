"""Port: what agents used."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.usage import Tokens, UsageSource, Used
from store.ports.wakes import Scope


@dataclass(frozen=True, slots=True)
class Spent:
    """What counts against budgets: turns, tokens (without those read from a cache) and millionths of a US dollar."""

    turns: int = 0
    tokens: int = 0
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class UsageLine:
    """What one agent used of one model by one way of counting, in so many reports."""

    agent_id: str
    model: str
    source: UsageSource
    tokens: Tokens
    events: int
    cost_micros: int | None


class Usage(Protocol):
    """What agents used, and the newest counts of their sessions."""

    async def add(self, used: Used) -> bool:
        """Keep it; False, and nothing changes, when the agent's key is there already."""
        ...

    async def spent(self, scope: Scope, scope_id: str, since: int) -> Spent:
        """Return what was used from `since` on: by the agent, in the channel, because of the sender.

        What tools served is part of what models used, and not counted again.
        """
        ...

    async def lines(self, agent_id: str | None, since: int, until: int) -> list[UsageLine]:
        """Return what the agent, or each agent, used from `since` to before `until`, by agent, model and source."""
        ...

    async def session(self, agent_id: str, session_id: str, model: str) -> Tokens | None:
        """Return what the session reported last of the model."""
        ...

    async def save_session(self, agent_id: str, session_id: str, model: str, tokens: Tokens, at: int) -> None:
        """Replace what the session reported last: at that moment."""
        ...

    async def forget(self, before: int) -> None:
        """Forget what was used before that moment, and what sessions reported last before it."""
        ...
