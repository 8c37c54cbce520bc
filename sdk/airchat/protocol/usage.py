"""Usage: what turns of agents took, in tokens and money."""

from dataclasses import dataclass
from enum import StrEnum


class UsageSource(StrEnum):
    """Who counted: a harness after each turn, a session its whole so far, or the tools what they served."""

    TURN = "turn"
    REPORT = "report"
    SERVED = "served"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Counts of tokens."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_creation + other.cache_creation,
        )


@dataclass(frozen=True, slots=True)
class Used:
    """What an agent used at one time; money is in millionths of a US dollar, None where it is not known.

    `sender_id` is who caused it, by a message in that channel. `key` is unique per agent: what is reported again
    under the same one counts once.
    """

    id: str
    agent_id: str
    at: int
    source: UsageSource
    model: str
    tokens: Tokens
    turns: int = 0
    cost_micros: int | None = None
    channel_id: str | None = None
    sender_id: str | None = None
    key: str | None = None
