"""What the load generator for IRC is told to do, and what it answers: JSON on its standard input and output."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Self

from tests.bench.percentiles import Spread
from tests.bench.plan import generated


@dataclass(frozen=True, slots=True)
class Server:
    """An IRC server to measure: its port, its process, and what clients say first, by their numbers.

    Clients are called `names[number]` and say PASS with `tokens[number]`, if there are tokens.
    """

    port: int
    pid: int
    names: list[str]
    tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Each of the `channels` has `receivers` members who listen and one more who speaks.

    With a `rate` (messages a second, of all who speak together) each message is sent at its time, and its latency
    counts from then. Without, whoever speaks has up to `window` messages under way that not everybody has got. Times
    are in seconds; those of the `warmup` are not counted.
    """

    server: Server
    channels: int
    receivers: int
    seconds: float
    warmup: float = 1.0
    window: int = 64
    rate: float | None = None

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it from JSON."""
        fields = json.loads(text)
        return cls(**fields | {"server": Server(**fields["server"])})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Lines that reached receivers a second, and how many did not; `latency` where there was a rate.

    `cpu` is the share of a core that the server used, `generator_cpu` what the load generator itself used.
    """

    deliveries: float
    missing: int
    cpu: float
    generator_cpu: float
    latency: Spread | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))


def run(plan: Plan) -> Outcome:
    """Run the plan in a process of its own.

    Raises:
        RuntimeError: it failed; the text is what it said.
    """
    return Outcome(**generated("tests.bench.irc.load", plan.text(), plan.seconds + plan.warmup + 120))
