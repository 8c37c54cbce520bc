"""Conversion between microseconds since the epoch and ISO-8601 text."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_PREFIX = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


def to_iso(micros: int) -> str:
    """Return e.g. `2026-01-31T08:15:00.123456+00:00`, always with six decimals and the UTC offset."""
    seconds, rest = divmod(micros, SECOND)
    return f"{_second(seconds)}.{rest:06d}+00:00"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return date and time without an offset; most moments share their second with others."""
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()


def from_iso(text: str) -> int:
    """Parse ISO-8601 text that starts with date, `T` and time; without an offset it is UTC.

    Raises:
        ValueError: the text has another form, or names no moment of the calendar.
    """
    if not _ISO_PREFIX.match(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
