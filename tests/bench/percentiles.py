"""Percentiles of measured times."""

from collections.abc import Sequence
from typing import TypedDict


class Spread(TypedDict):
    """Half, 95 % and 99 % of the values are at most this, and the largest."""

    p50: float
    p95: float
    p99: float
    most: float


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of the ordered values do not exceed; 0 for none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def spread(values: Sequence[float]) -> Spread:
    """Return where the values lie."""
    ordered = sorted(values)
    return Spread(
        p50=percentile(ordered, 50),
        p95=percentile(ordered, 95),
        p99=percentile(ordered, 99),
        most=ordered[-1] if ordered else 0.0,
    )
