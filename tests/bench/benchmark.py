"""What a benchmark is, and what it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.library import Library


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the report. `met` is None where there is nothing to meet; `detail` is for `--json`."""

    key: str
    work: str
    target: str
    figure: str
    yardstick: str = "—"
    ratio: str = "—"
    met: bool | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def told(ratios: Sequence[float]) -> str:
    """Return the median of the rounds' ratios as text, with how far they are apart."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a benchmark works with: a folder of its own, stored messages, and a way to say what it is doing.

    `quick` runs are for trying the benchmarks out: a tenth of the messages, and shorter. `soak` asks for an hour of
    load where it is long load that counts.
    """

    folder: Path
    library: Library
    say: Callable[[str], None]
    quick: bool = False
    soak: bool = False

    def seconds(self, full: float) -> float:
        """Return how long to measure."""
        return full / 3 if self.quick else full


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Something to measure; `keys` are the targets that it measures."""

    keys: tuple[str, ...]
    title: str
    run: Callable[[Setting], list[Figure]]
