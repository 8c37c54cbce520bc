"""P14: whether sending becomes slower as messages are stored."""

from contextlib import ExitStack

from tests.bench import yardstick
from tests.bench.benchmark import Figure, Setting
from tests.bench.send import Comparison, compare

_SECONDS = 5.0
_ROUNDS = 4
_TARGET = 0.20


def measure(setting: Setting) -> list[Figure]:
    """Measure P14: P1's ratio over databases of three sizes, which take turns, so that they share slow minutes."""
    sent = {size: Comparison([], []) for size in setting.library.sizes}
    with ExitStack() as running:
        bare, hubs = running.enter_context(yardstick.serving()), {}
        for size in sent:
            folder = setting.folder / str(size)
            folder.mkdir()
            hub, stock = setting.library.hub(folder, size)
            hubs[size] = running.enter_context(hub), stock
        for turn in range(_ROUNDS):
            for size, (hub, stock) in hubs.items():
                setting.say(f"sending with {size:,} messages stored, round {turn + 1}")
                round_ = compare(hub, stock, bare, setting.seconds(_SECONDS), rounds=1)
                sent[size].hub.extend(round_.hub)
                sent[size].yardstick.extend(round_.yardstick)
    ratios = {size: comparison.ratio for size, comparison in sent.items()}
    rates = {size: comparison.rate for size, comparison in sent.items()}
    apart = 1 - min(ratios.values()) / max(ratios.values())
    return [
        Figure(
            "P14",
            f"P1 with {', '.join(f'{size:,}' for size in ratios)} messages stored",
            f"within {_TARGET:.0%} of each other",
            ", ".join(f"{rate:,.0f}/s" for rate in rates.values()),
            "of bare aiohttp + uvloop: " + ", ".join(f"{ratio:.2f}" for ratio in ratios.values()),
            f"{apart:.0%} apart",
            apart <= _TARGET,
            {"ratios": {str(size): ratio for size, ratio in ratios.items()}},
        )
    ]
