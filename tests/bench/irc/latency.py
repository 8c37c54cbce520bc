"""P6: how long a line takes to each of 50 members of a channel at 200 messages a second, beside ngircd."""

from statistics import median

from tests.bench.benchmark import Figure, Setting, told
from tests.bench.irc.plan import Outcome, Plan, Server, run
from tests.bench.irc.servers import hub_with_irc, ngircd

_MEMBERS = 50
_RATE = 200.0
_SECONDS = 5.0
_ROUNDS = 5
_TARGET = 2.0


def measure(setting: Setting) -> list[Figure]:
    """Measure P6. Each round measures ngircd, then the hub; the ratio is the median of the rounds' ratios."""
    pairs: list[tuple[Outcome, Outcome]] = []
    for number in range(_ROUNDS):
        setting.say(f"delivery at {_RATE:.0f} messages/s, round {number + 1}")
        folder = setting.folder / str(number)
        folder.mkdir()
        with ngircd(folder, _MEMBERS + 1) as bare:
            yardstick = _run(bare, setting)
        with hub_with_irc(folder, _MEMBERS + 1) as (_, server):
            pairs.append((_run(server, setting), yardstick))
    mine, theirs = [_spread(one) for one, _ in pairs], [_spread(one) for _, one in pairs]
    ratios = [one[1] / other[1] for one, other in zip(mine, theirs, strict=True)]
    missing = sum(one.missing for one, _ in pairs)
    return [
        Figure(
            "P6",
            f"IRC delivery at {_RATE:.0f} messages/s into {_MEMBERS} members",
            f"p99 <= {_TARGET:.0f}x of the yardstick's, 0 missing",
            f"{_text(mine)}, all stored; {missing} missing",
            f"ngircd: {_text(theirs)}",
            told(ratios),
            median(ratios) <= _TARGET and not missing,
            {"hub": [one.latency for one, _ in pairs], "ngircd": [one.latency for _, one in pairs]},
        )
    ]


def _run(server: Server, setting: Setting) -> Outcome:
    return run(Plan(server, 1, _MEMBERS, setting.seconds(_SECONDS), rate=_RATE))


def _spread(outcome: Outcome) -> tuple[float, float]:
    if outcome.latency is None:
        raise RuntimeError("nothing was delivered")
    return outcome.latency["p50"], outcome.latency["p99"]


def _text(spreads: list[tuple[float, float]]) -> str:
    p50, p99 = (median(one[place] for one in spreads) * 1000 for place in (0, 1))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
