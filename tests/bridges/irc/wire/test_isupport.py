from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire import isupport


def test_tokens_have_values_or_none() -> None:
    assert isupport.lines({"WHOX": None, "NICKLEN": 32, "BOT": "B", "EXCEPTS": ""}) == [
        ("WHOX", "NICKLEN=32", "BOT=B", "EXCEPTS=")
    ]


def test_value_is_escaped() -> None:
    assert isupport.token("NETWORK", "My = Näht\\") == r"NETWORK=My\x20\x3D\x20N\xC3\xA4ht\x5C"


def test_line_has_at_most_13_tokens() -> None:
    result = isupport.lines({f"K{number}": number for number in range(27)})
    assert [len(line) for line in result] == [13, 13, 1]
    assert isupport.lines({}) == []


@given(
    st.dictionaries(st.from_regex(r"\A[A-Z/]{1,12}\Z"), st.none() | st.integers() | st.text(max_size=30), max_size=40)
)
def test_lines_fit_and_hold_everything_in_order(features: dict[str, str | int | None]) -> None:
    result = isupport.lines(features)
    assert [token.partition("=")[0] for line in result for token in line] == list(features)
    for line in result:
        assert 1 <= len(line) <= 13
        assert len(" ".join(line)) <= 380
        assert all(
            token.isascii() and token.isprintable() and token.count("=") <= 1 and " " not in token for token in line
        )
