from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from runner.cron import CronError, CronTimes, EveryTimes, parse_cron

ZONE = "Europe/Berlin"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


def coming(line: str, start: str, count: int = 3) -> list[str]:
    """The next times of a cron line, as weekday and local time."""
    times, now, found = CronTimes(line, ZONE), moment(start), []
    for _ in range(count):
        due = times.after(now)
        assert due is not None
        now = due
        found.append(datetime.fromtimestamp(due, ZoneInfo(ZONE)).strftime("%a %Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize("days", ["mon-fri", "1-5", "1,2,3,4,5", "MON-FRI"])
def test_days_of_the_week_are_those_of_cron(days: str) -> None:
    assert coming(f"0 9 * * {days}", "2026-11-27T09:00") == [
        "Mon 2026-11-30 09:00",
        "Tue 2026-12-01 09:00",
        "Wed 2026-12-02 09:00",
    ]


@pytest.mark.parametrize("day", ["0", "7", "sun"])
def test_sunday_has_two_numbers(day: str) -> None:
    assert coming(f"30 18 * * {day}", "2026-11-27T09:00", 1) == ["Sun 2026-11-29 18:30"]


def test_weekend_ends_with_seven() -> None:
    assert coming("0 9 * * 6-7", "2026-11-27T09:00", 2) == ["Sat 2026-11-28 09:00", "Sun 2026-11-29 09:00"]
    assert parse_cron("0 9 * * */2")[4] == "*/2"
    assert parse_cron("0 9 * * 1/2")[4] == "mon,wed,fri"


def test_clock_change_moves_nothing() -> None:
    assert coming("0 9 * * *", "2026-10-24T10:00", 2) == ["Sun 2026-10-25 09:00", "Mon 2026-10-26 09:00"]


def test_moment_itself_is_not_after_it() -> None:
    times = CronTimes("0 9 * * *", ZONE)
    due = times.after(moment("2026-11-27T08:59"))
    assert due == moment("2026-11-27T09:00")
    assert times.after(due) == moment("2026-11-28T09:00")


def test_named_lines() -> None:
    assert parse_cron("@hourly") == ("0", "*", "*", "*", "*")


@pytest.mark.parametrize("line", ["", "* * * *", "61 * * * *", "x * * * *", "0 9 * * 5-1", "@yearly-ish", "0 9 31 2"])
def test_nonsense_is_refused(line: str) -> None:
    with pytest.raises(CronError):
        parse_cron(line)


def test_zone_that_is_none_is_refused() -> None:
    with pytest.raises(CronError, match="Nowhere"):
        CronTimes("0 9 * * *", "Nowhere/Town")


def test_interval_counts_from_the_time_before() -> None:
    assert EveryTimes(600.0).after(1_000.0) == 1_600.0
