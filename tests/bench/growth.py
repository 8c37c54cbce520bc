"""P14: whether sending becomes slower as messages are stored."""

from tests.bench import yardstick
from tests.bench.benchmark import Figure, Setting
from tests.bench.send import compare

_SECONDS = 5.0
_ROUNDS = 2
_TARGET = 0.20


def measure(setting: Setting) -> list[Figure]:
    """Measure P14: P1's ratio over databases of three sizes."""
    ratios: dict[int, float] = {}
    rates: dict[int, float] = {}
    with yardstick.serving() as bare:
        for size in setting.library.sizes:
            folder = setting.folder / str(size)
            folder.mkdir()
            hub, stock = setting.library.hub(folder, size)
            setting.say(f"sending with {size:,} messages stored")
            with hub:
                comparison = compare(hub, stock, bare, setting.seconds(_SECONDS), _ROUNDS)
            ratios[size], rates[size] = comparison.ratio, comparison.rate
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
