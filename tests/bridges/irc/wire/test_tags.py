import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire import tags

VALUES = st.text(max_size=20) | st.text(alphabet="\\:srn; \r\nxé", max_size=20)


@pytest.mark.parametrize(
    ("text", "value"),
    [("", ""), (r"\:\s\\\r\n", "; \\\r\n"), (r"\a\b", "ab"), ("x\\", "x"), (r"\\s", r"\s"), (r"\\\s", "\\ ")],
)
def test_escapes_have_their_meanings(text: str, value: str) -> None:
    assert tags.unescape(text) == value


@given(VALUES.filter(lambda value: "\0" not in value))
def test_what_is_escaped_comes_back(value: str) -> None:
    escaped = tags.escape(value)
    assert not set(escaped) & set("; \r\n")
    assert tags.unescape(escaped) == value


@given(VALUES)
def test_escaped_value_never_ends_in_half_an_escape(value: str) -> None:
    escaped = tags.escape(value)
    assert (len(escaped) - len(escaped.rstrip("\\"))) % 2 == 0


@pytest.mark.parametrize(
    ("given_tags", "text"),
    [
        ({"a": "1", "b": ""}, "a=1;b"),
        ({"a": "x;y"}, r"a=x\:y"),
        ({"a": "x=y"}, "a=x=y"),
        ({"a=b": ""}, ""),
        ({"a=b": "", "c": "d"}, "c=d"),
        ({"a": "1;b", "c;d": "2"}, r"a=1\:b"),
        ({"+draft/react": "👍"}, "+draft/react=👍"),
        ({"": "x", "+": "y", "a/": "z", "é": "1"}, ""),
    ],
)
def test_tags_are_written(given_tags: dict[str, str], text: str) -> None:
    assert tags.write(given_tags) == text


def test_tags_without_a_key_are_dropped() -> None:
    assert tags.read(";;=x;a=b=c;") == {"a": "b=c"}


def test_only_well_formed_tags_of_clients_are_passed_on() -> None:
    given_tags = {
        "+typing": "active",
        "time": "x",
        "+draft/reply": "1",
        "+": "",
        "+a b": "",
        "+a/b/c": "",
        "label": "7",
        "+x.y/z-1": "",
    }
    assert tags.client_only(given_tags) == {"+typing": "active", "+draft/reply": "1", "+x.y/z-1": ""}
    assert list(tags.client_only(dict.fromkeys(("+a", "a", "+a=b", "++a"), ""))) == ["+a"]
