import re
from collections.abc import Callable

import pytest
from hypothesis import given

from hub.relay.markup import (
    Document,
    Nobody,
    divide,
    parse_commonmark,
    render_commonmark,
    render_discord,
    render_irc,
    split,
)
from tests.hub.relay.markup.texts import documents

LIMIT = 80


def within(limit: int) -> Callable[[Document], bool]:
    return lambda document: len(render_commonmark(document)) <= limit


def parts(text: str, limit: int = LIMIT) -> list[str]:
    return split(text, limit)


def words(document: Document) -> str:
    return re.sub(r"\s", "", render_irc(document, Nobody()))


@given(documents)
def test_parts_fit_and_lose_nothing_but_blanks(document: Document) -> None:
    divided = divide(document, within(LIMIT))
    assert all(len(render_commonmark(part)) <= LIMIT for part in divided)
    said = "".join(words(part) for part in divided)
    for letter in "ab1é漢":
        assert said.count(letter) >= words(document).count(letter)


@given(documents)
def test_lines_fit_by_bytes_one_at_a_time(document: Document) -> None:
    def line(part: Document) -> bool:
        text = render_irc(part, Nobody())
        return "\n" not in text and len(text.encode()) <= LIMIT

    assert all(line(part) for part in divide(document, line))


def test_short_text_is_one_part_and_nothing_is_none() -> None:
    assert parts("short **and** sweet") == ["short **and** sweet"]
    assert parts(" \n ") == []


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One sentence here. Another one follows it.", 30, ["One sentence here.", "Another one follows it."]),
        ("first paragraph\n\nsecond paragraph is long", 30, ["first paragraph", "second paragraph is long"]),
        ("a line\nanother line\nthe third line", 25, ["a line\nanother line", "the third line"]),
        ("**bold words go on and on**", 20, ["**bold words go on**", "**and on**"]),
        ("x" * 25, 10, ["x" * 10, "x" * 10, "x" * 5]),
        ("see [the manual](http://a.example/b) now", 36, ["see [the manual](http://a.example/b)", "now"]),
        ("see [the manual](http://a.example/b) now", 35, ["see", "[the manual](http://a.example/b)", "now"]),
        ("tell @somebody-else", 15, ["tell", "@somebody-else"]),
        ("> one two three four", 12, ["> one two", "> three four"]),
        ("3. one\n4. two three four\n5. five", 15, ["3. one\n4. two", "three four", "5. five"]),
        ("- a\n- b\n- c", 7, ["- a\n- b", "- c"]),
        ("👩‍💻👩‍💻👩‍💻", 7, ["👩‍💻👩‍💻", "👩‍💻"]),
    ],
)
def test_cut_is_made_at_the_kindest_place(text: str, limit: int, expected: list[str]) -> None:
    assert parts(text, limit) == expected


def test_code_is_closed_and_opened_again() -> None:
    code = "\n".join(f"    line_{number}()" for number in range(6))
    divided = parts(f"```python\n{code}\n```", 70)
    assert len(divided) == 2
    assert all(part.startswith("```python\n    line_") and part.endswith("\n```") for part in divided)
    assert "\n".join(part.removeprefix("```python\n").removesuffix("\n```") for part in divided) == code


def test_limit_counts_what_the_platform_counts() -> None:
    document = parse_commonmark("snake_case_name " * 40)
    divided = divide(document, lambda part: len(render_discord(part, Nobody())) <= 100)
    assert max(len(render_discord(part, Nobody())) for part in divided) <= 100
    assert len(divided) == 8
