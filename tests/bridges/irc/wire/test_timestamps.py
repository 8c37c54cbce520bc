import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire.timestamps import format_time, parse_time


def test_moment_has_three_decimals_and_is_never_later() -> None:
    assert format_time(0) == "1970-01-01T00:00:00.000Z"
    assert format_time(1_769_847_300_123_999) == "2026-01-31T08:15:00.123Z"


@given(st.integers(-(10**15), 250 * 10**15))
def test_moment_comes_back_to_the_millisecond(micros: int) -> None:
    assert parse_time(format_time(micros)) == micros // 1000 * 1000


def test_decimals_may_be_more_or_none() -> None:
    assert parse_time("1970-01-01T00:00:01Z") == 1_000_000
    assert parse_time("1970-01-01T00:00:00.000001Z") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "2026-01-31",
        "2026-01-31T08:15:00.123",
        "2026-01-31T08:15:00.123+00:00",
        "2026-01-31 08:15:00.123Z",
        "2026-02-30T08:15:00.123Z",
        "2026-01-31T08:15:60.000Z",
        "2026-01-31T08:15:00.Z",
        "2026-01-31T08:15:00.1234567Z",
        "2026-01-31T08:15:00.123Z\n",
        "٢026-01-31T08:15:00.123Z",
        "0000-01-01T00:00:00.000Z",
        "2026-01-31t08:15:00.123z",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)
