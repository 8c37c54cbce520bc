import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.service.places import counted, moment, quoted, span


@given(st.text(st.characters(exclude_categories=[]), max_size=200), st.integers(8, 300))
def test_what_others_wrote_is_one_line_of_bounded_size(text: str, limit: int) -> None:
    shown = quoted(text, limit)
    assert len(shown.encode(errors="replace")) <= limit + len("…".encode())
    assert not any(unicodedata.category(one).startswith("C") and one != "\u200d" for one in shown)
    assert "  " not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x02bold\x02 \x0304,12red\x03 \x04ff0000hex\x04", "bold red hex"),
        ("\x033three of 3", "three of 3"),
        ("a\r\nb\tc\0d", "a b c d"),
        ("\u202eevil\u202c", "evil"),
        ("👩\u200d👧 zusammen", "👩\u200d👧 zusammen"),
    ],
)
def test_formatting_is_left_out(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_times_and_counts() -> None:
    assert moment(1_700_000_000_000_000) == "2023-11-14 22:13"
    assert [span(seconds * 1_000_000) for seconds in (-5, 59, 60, 7_199, 86_400)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h",
        "1 d",
    ]
    assert [counted(number, "task") for number in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]
