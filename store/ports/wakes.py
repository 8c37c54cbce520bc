"""Port: what guards must remember: which agents woke which, what people said may go on, and which notices stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """What a budget is of: the agent that is woken, the channel in which, or who wakes it."""

    AGENT = "agent"
    CHANNEL = "channel"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Wake:
    """An agent was woken by an agent, or was to be: by the message or task `subject_id`; `number` is the message's."""

    subject_id: str
    agent_id: str
    sender_id: str
    channel_id: str
    at: int
    number: int | None = None
    woken: bool = True


class Wakes(Protocol):
    """Wakes of agents by agents, and what belongs to them."""

    async def add(self, wakes: Sequence[Wake]) -> None:
        """Remember wakes; of the same agent by the same subject the last is remembered."""
        ...

    async def turns(self, channel_id: str, since: int, limit: int) -> list[tuple[int, int, str]]:
        """Return the channel's newest messages for agents from `since` on, newest first: number, time and sender."""
        ...

    async def between(self, one_id: str, other_id: str, since: int) -> int:
        """Return how often one of the two really woke the other by a message from `since` on."""
        ...

    async def count(self, scope: Scope, scope_id: str, since: int) -> int:
        """Return how many real wakes there were from `since` on, of this agent, in this channel or by this sender."""
        ...

    async def spoken_since(self, channel_id: str, number: int) -> bool:
        """Tell whether a person, or a ghost, wrote to the channel after the message of that number."""
        ...

    async def spoken_from(self, channel_id: str, at: int) -> bool:
        """Tell whether a person, or a ghost, wrote to the channel at `at` or later."""
        ...

    async def newest_for(self, agent_id: str, channel_id: str, since: int) -> str | None:
        """Return the id of the newest message for the agent from `since` on, in this channel or else elsewhere."""
        ...

    async def mark(self, channel_id: str, at: int) -> None:
        """Remember that the agents of the channel may go on, whatever they did before `at`."""
        ...

    async def marked_at(self, channel_id: str) -> int:
        """Return when the channel was last marked; 0 when it never was."""
        ...

    async def notice(self, channel_id: str, cause: str, window_at: int) -> bool:
        """Remember a notice; False when one for this cause and window is remembered already."""
        ...

    async def unnotice(self, channel_id: str, cause: str) -> None:
        """Forget a notice, so that the next one of its cause is told in any case."""
        ...

    async def forget(self, before: int) -> None:
        """Forget wakes from before that moment."""
        ...
