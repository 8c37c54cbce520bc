"""Budgets: how much agents may make agents do, in an hour and in a day. People's messages are never weighed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from airchat.protocol.timestamps import DAY, HOUR, to_iso
from store.ports.unit import Unit
from store.ports.usage import Spent
from store.ports.wakes import Scope

Measure = Literal["wakes", "turns", "tokens", "usd"]

MEASURES: tuple[Measure, ...] = ("wakes", "turns", "tokens", "usd")
PERIODS = {"hour": HOUR, "day": DAY}
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one agent, channel or sender by `<measure>_per_<period>`; what is missing or 0 is without limit."""

    limits: Mapping[str, float] = field(default_factory=dict)

    def limit(self, measure: Measure, period: str) -> float:
        """Return the limit; 0 when there is none."""
        return self.limits.get(f"{measure}_per_{period}", 0)


DEFAULTS = {
    Scope.AGENT: {
        "wakes_per_hour": 60,
        "wakes_per_day": 400,
        "turns_per_hour": 120,
        "turns_per_day": 1_000,
        "usd_per_hour": 10,
        "usd_per_day": 50,
    },
    Scope.CHANNEL: {"wakes_per_hour": 120, "wakes_per_day": 1_000},
    Scope.SENDER: {"wakes_per_hour": 60, "wakes_per_day": 400},
}


@dataclass(frozen=True, slots=True)
class Rules:
    """When agents may not wake agents.

    `streak` messages from agents to agents in a row, without a person's between them, are the most in a channel;
    `hops` how many answers away from a person's a message may be; a pair wakes each other at most `pair_per_minute` and
    `pair_per_hour` times. 0 is without limit. `budgets` are by scope and name, None for whoever has none by name;
    `streaks` are those of channels that have one of their own.
    """

    streak: int = 8
    hops: int = 16
    pair_per_minute: int = 20
    pair_per_hour: int = 40
    streaks: Mapping[str, int] = field(default_factory=dict)
    budgets: Mapping[tuple[Scope, str | None], Budget] = field(
        default_factory=lambda: {(scope, None): Budget(limits) for scope, limits in DEFAULTS.items()}
    )

    def budget(self, scope: Scope, name: str) -> Budget:
        """Return the budget of who has that name."""
        return self.budgets.get((scope, name)) or self.budgets.get((scope, None)) or Budget()

    def streak_in(self, channel: str) -> int:
        """Return how many messages in a row agents may write to agents in the channel."""
        return self.streaks.get(channel, self.streak)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard's: its `guard` by a word, the `cause` that is told once per window, and why, for people.

    `window_at` says which window it is, `until` when the next begins; None where only a person helps.
    """

    guard: str
    cause: str
    why: str
    window_at: int
    until: int | None = None


async def spent_budget(  # noqa: PLR0917 - whose budget, when, and what comes on top
    unit: Unit, budget: Budget, scope: Scope, subject: tuple[str, str], now: int, woken: int = 0
) -> Refusal | None:
    """Return the refusal of the first of a budget's limits that is reached; None when there is room.

    `subject` is the id and the name of whose it is, `woken` how many wakes are decided and not written yet.
    """
    subject_id, name = subject
    for period, length in PERIODS.items():
        start = now - now % length
        spent: Spent | None = None
        for measure in MEASURES:
            limit = budget.limit(measure, period)
            if not limit:
                continue
            if measure == "wakes":
                used: float = woken + await unit.wakes.count(scope, subject_id, start)
            else:
                spent = spent or await unit.usage.spent(scope, subject_id, start)
                used = _used(spent, measure)
            if used >= limit:
                guard = f"{scope}-{measure}"
                why = _why(scope, name, measure, limit, period)
                return Refusal(guard, f"{guard}-{period}:{subject_id}", why, start, start + length)
    return None


def told_time(at: int, now: int) -> str:
    """Return a moment as people say it: `at 08:15 UTC` today, and otherwise with the day."""
    day = to_iso(at)[:10]
    return f"at {clock_time(at)}" if day == to_iso(now)[:10] else f"on {day} at {clock_time(at)}"


def clock_time(at: int) -> str:
    """Return a moment as people read it, to the minute."""
    return f"{to_iso(at)[11:16]} UTC"


def _used(spent: Spent, measure: Measure) -> float:
    match measure:
        case "turns":
            return spent.turns
        case "tokens":
            return spent.tokens
        case _:
            return spent.cost_micros / MICROS


def _why(scope: Scope, name: str, measure: Measure, limit: float, period: str) -> str:
    """Say what is used up, as of what it is."""
    when = {"hour": "this hour", "day": "today"}[period]
    if measure == "wakes":
        what = {
            Scope.AGENT: f"agents have woken {name}",
            Scope.CHANNEL: "agents have woken agents here",
            Scope.SENDER: f"{name} has woken agents",
        }[scope]
        return f"{what} {limit:,.0f} times {when}"
    what = {
        Scope.AGENT: f"{name} has used",
        Scope.CHANNEL: "what was said here has cost agents",
        Scope.SENDER: f"what {name} said has cost agents",
    }[scope]
    amount = f"${limit:g}" if measure == "usd" else f"{limit:,.0f} {measure}"
    return f"{what} {amount} {when}"
