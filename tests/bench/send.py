"""P1: how many messages a second the hub takes over REST on SQLite, beside a server that only answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import yardstick
from tests.bench.benchmark import Figure, Setting, told
from tests.bench.plan import Outcome, Plan, run
from tests.bench.stock import Stock, prepare
from tests.hub_process import HubProcess

PATH = "/api/v2/messages"
ROUNDS = 5
_SECONDS = 3.0
_TARGET = 0.30


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rounds of the hub, each with the round of the yardstick before it."""

    hub: list[Outcome]
    yardstick: list[Outcome]

    @property
    def rate(self) -> float:
        """The hub's messages a second, median of the rounds."""
        return median(outcome.rate for outcome in self.hub)

    @property
    def yardstick_rate(self) -> float:
        """The same of the yardstick."""
        return median(outcome.rate for outcome in self.yardstick)

    @property
    def ratios(self) -> list[float]:
        """The rounds' own ratios, which share whatever else the machine was doing."""
        return [hub.rate / bare.rate for hub, bare in zip(self.hub, self.yardstick, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of them."""
        return median(self.ratios)

    @property
    def errors(self) -> int:
        """Messages that failed."""
        return sum(outcome.errors for outcome in self.hub)


def compare(hub: HubProcess, stock: Stock, bare: str, seconds: float, rounds: int = ROUNDS) -> Comparison:
    """Let the load generator send to the yardstick and to the hub in turn."""
    comparison = Comparison([], [])
    for _ in range(rounds):
        comparison.yardstick.append(run(Plan(bare, [yardstick.KEY], stock.channels[:10], seconds=seconds / 2)))
        comparison.hub.append(run(Plan(hub.url + PATH, stock.tokens, stock.channels[:10], seconds=seconds)))
    return comparison


def figure(key: str, work: str, target: float, comparison: Comparison) -> Figure:
    """Return the row of a comparison."""
    latency = [outcome.latency for outcome in comparison.hub]
    p50, p99 = (median(each[name] for each in latency) * 1000 for name in ("p50", "p99"))
    return Figure(
        key,
        work,
        f">= {target:.2f} of the yardstick, 0 errors",
        f"{comparison.rate:,.0f}/s, {comparison.errors} errors (p50 {p50:.1f}, p99 {p99:.1f} ms)",
        f"bare aiohttp + uvloop: {comparison.yardstick_rate:,.0f}/s",
        told(comparison.ratios),
        comparison.ratio >= target and not comparison.errors,
        {"rates": [each.rate for each in comparison.hub], "yardsticks": [each.rate for each in comparison.yardstick]},
    )


@contextmanager
def hub_with_people(folder: Path, settings: dict[str, str] | None = None) -> Iterator[tuple[HubProcess, Stock]]:
    """Run a hub with people, channels and no messages."""
    hub = HubProcess(folder, {"LIMITS__WRITE": "0", "LIMITS__READ": "0"} | (settings or {}))
    stock = prepare(hub.env)
    with hub:
        yield hub, stock


def measure(setting: Setting) -> list[Figure]:
    """Measure P1."""
    with hub_with_people(setting.folder) as (hub, stock), yardstick.serving() as bare:
        comparison = compare(hub, stock, bare, setting.seconds(_SECONDS))
    return [figure("P1", "REST send, 64 clients in a closed loop, SQLite FULL", _TARGET, comparison)]
