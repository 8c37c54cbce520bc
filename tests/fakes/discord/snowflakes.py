"""Ids that grow with time (https://docs.discord.com/developers/reference#snowflakes)."""

from datetime import UTC, datetime

from .settings import Clock

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Gives out ids, each greater than the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A fresh id."""
        self._last = max((int(self._clock() * 1000) - EPOCH_MS) << 22, self._last + 1)
        return str(self._last)


def seconds_of(snowflake: str) -> float:
    """When an id was made, in Unix seconds."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def iso(seconds: float) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
