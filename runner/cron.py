"""Times that come again: intervals, and cron lines, worked out by APScheduler's trigger."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}


class CronError(ValueError):
    """A cron line or a time zone cannot be understood; the text says why."""


class Times(Protocol):
    """Moments, each of which comes after another."""

    def after(self, moment: float) -> float | None:
        """Return the first one after a moment (both Unix time); None when there is none any more."""
        ...


class CronTimes:
    """The times of a cron line in a time zone."""

    def __init__(self, line: str, zone: str = "") -> None:
        """Read them.

        Raises:
            CronError: the line or the zone cannot be understood.
        """
        minute, hour, day, month, weekday = parse_cron(line)
        self._trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=parse_zone(zone)
        )

    def after(self, moment: float) -> float | None:
        """Return the first one after a moment."""
        now = datetime.fromtimestamp(moment, UTC) + timedelta(microseconds=1)
        found = cast("datetime | None", self._trigger.get_next_fire_time(None, now))
        return found.timestamp() if found is not None else None


class EveryTimes:
    """A time every so many seconds, whatever the first was."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def after(self, moment: float) -> float | None:
        """Return the one that follows the one at that moment."""
        return moment + self._seconds


def parse_cron(line: str) -> tuple[str, str, str, str, str]:
    """Return the five fields of a cron line, the days of the week as names.

    Numbers would be misunderstood: for cron 0 is Sunday, for APScheduler Monday.

    Raises:
        CronError: it is no cron line.
    """
    fields = _NAMED.get(line.strip(), line).split()
    if len(fields) != 5:
        raise CronError("cron must have five fields: minute, hour, day of the month, month, day of the week")
    minute, hour, day, month, weekday = fields
    weekday = ",".join(_weekdays(part) for part in weekday.lower().split(","))
    try:
        CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC)
    except ValueError as error:
        raise CronError(f"cron cannot be understood: {error}") from error
    return minute, hour, day, month, weekday


def parse_zone(name: str) -> tzinfo | None:
    """Return a time zone; None for the machine's own.

    Raises:
        CronError: there is no such zone.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CronError(f'there is no time zone "{name}"; one is called Europe/Berlin') from error


def _weekdays(part: str) -> str:
    """Return days with names for numbers; a range over the end of the week is told day by day."""
    match = re.fullmatch(r"([0-7])(?:-([0-7]))?(?:/(\d+))?", part)
    if match is None:
        return part
    first = int(match[1])
    last = int(match[2]) if match[2] else 6 if match[3] else first
    if last < first:
        raise CronError(f"cron cannot be understood: the days {part} go backwards")
    return ",".join(_DAYS[day] for day in range(first, last + 1, int(match[3] or 1)))
