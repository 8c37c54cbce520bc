import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire.split import first, lines, pieces

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E}"
TEXTS = st.text(max_size=80) | st.text(alphabet=f"ab é日\u0301{FAMILY}{FLAG}", max_size=80)


@given(TEXTS, st.integers(4, 40))
def test_pieces_are_the_line_again(line: str, limit: int) -> None:
    parts = pieces(line, limit)
    assert "".join(parts) == line
    assert all(len(part.encode()) <= limit for part in parts)
    assert parts == [""] or all(parts)


@pytest.mark.parametrize(
    ("line", "limit", "parts"),
    [
        ("", 10, [""]),
        ("one two three", 13, ["one two three"]),
        ("one two three", 8, ["one two ", "three"]),
        ("one two three", 7, ["one two", " three"]),
        ("onetwothree", 4, ["onet", "woth", "ree"]),
        ("a longwordlongword", 8, ["a longwo", "rdlongwo", "rd"]),
        ("日本語", 7, ["日本", "語"]),
        ("xe\u0301e\u0301", 5, ["xe\u0301", "e\u0301"]),
        (FAMILY * 2, 20, [FAMILY, FAMILY]),
        (f"a{FAMILY}b", 18, ["a", FAMILY, "b"]),
        (f"a{FLAG * 3}", 24, [f"a{FLAG * 2}", FLAG]),
        (FLAG * 2, 12, [FLAG, FLAG]),
        ("\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}" * 2, 12, ["👍🏽", "👍🏽"]),
    ],
)
def test_pieces_end_where_readers_expect(line: str, limit: int, parts: list[str]) -> None:
    assert pieces(line, limit) == parts


def test_limit_below_a_code_point_is_refused() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        pieces("x", 3)


def test_long_text_of_marks_is_cut_in_time() -> None:
    parts = pieces("\u0301" * 100_000, 400)
    assert len(parts) == 500


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\nb\r\nc\rd", ["a", "b", "c", "d"]),
        ("a\n\nb\n", ["a", "", "b"]),
        ("\n", [""]),
        ("a\x0bb\u2028c", ["a\x0bb\u2028c"]),
    ],
)
def test_text_has_lines(text: str, parts: list[str]) -> None:
    assert lines(text) == parts


@given(TEXTS, st.integers(0, 30))
def test_first_part_fits(text: str, limit: int) -> None:
    part = first(text, limit)
    assert text.startswith(part)
    assert len(part.encode()) <= limit
    assert part == text or len(text.encode()) > limit
