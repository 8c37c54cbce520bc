"""Moments as IRC writes them, `2026-01-31T08:15:00.123Z`, from and to microseconds since the epoch.

https://ircv3.net/specs/extensions/server-time
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from airchat.protocol.timestamps import MILLISECOND, SECOND, from_iso

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - without an offset its text ends where `Z` goes
_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")


def format_time(micros: int) -> str:
    """Return the moment with exactly three decimals; what is finer is cut off, never rounded up."""
    seconds, rest = divmod(micros, SECOND)
    return f"{_second(seconds)}.{rest // MILLISECOND:03d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return date and time to the second; most moments share theirs with others."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()


def parse_time(text: str) -> int:
    """Return the microseconds since the epoch of a moment in UTC, with up to six decimals.

    Raises:
        ValueError: the text has another form, or names no moment of the calendar.
    """
    if _FORM.fullmatch(text) is None:
        raise ValueError(text)
    return from_iso(text)
