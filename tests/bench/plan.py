"""What the load generator is told to do, and what it answers: JSON on its standard input and output."""

import dataclasses
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.bench.percentiles import Spread

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Plan:
    """Messages sent to `url`, to the channels and by the holders of the tokens in turn.

    With a `rate` (messages a second) the loop is open: each is sent at its time, on a free connection, and its latency
    counts from that time. Without, each of the connections sends its next message when the last one is answered.
    `streams` subscribers follow the channel at `stream_url`, and `irc` more are in all channels over IRC at `irc_port`.
    Every `mention_every`th message mentions `mentioned`. Times are in seconds; those of the `warmup` are not counted.
    """

    url: str
    tokens: list[str]
    channels: list[str]
    mentioned: str = "bench-0"
    connections: int = 64
    seconds: float = 5.0
    warmup: float = 1.0
    rate: float | None = None
    streams: int = 0
    stream_url: str = ""
    irc: int = 0
    irc_port: int = 0
    mention_every: int = 10

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it from JSON."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages answered, a second, failed (answered with an error or not at all); latencies in seconds.

    `delivery` counts from sending a message to the last subscriber's having it; `missing` did not reach everybody.
    `cpu` is the share of a core that the generator itself used.
    """

    answered: int
    rate: float
    errors: int
    latency: Spread
    cpu: float
    delivery: Spread | None = None
    missing: int = 0
    detail: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))


def run(plan: Plan) -> Outcome:
    """Run the plan in a process of its own. Errors as in `generated`."""
    return Outcome(**generated("tests.bench.load", plan.text(), plan.seconds + plan.warmup + 60))


def generated(module: str, plan: str, seconds: float) -> dict[str, Any]:
    """Return what a load generator, a module that is run as a program, says of a plan; both are JSON.

    Raises:
        RuntimeError: it failed; the text is what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=plan,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome
