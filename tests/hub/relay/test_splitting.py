import re

from hypothesis import given
from hypothesis import strategies as st

from hub.relay.splitting import split

LIMIT = 40
words = st.text(alphabet=st.sampled_from("ab .\n\té😀\u0301\u200d"), max_size=400)


@given(words)
def test_parts_fit_and_lose_only_white_space(text: str) -> None:
    parts = split(text, LIMIT)
    assert all(0 < len(part) <= LIMIT and part.strip() for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@given(st.lists(st.sampled_from(["```", "```python", "~~~", "word word", "x" * 25, ""]), max_size=30))
def test_no_part_leaves_open_a_fence_that_it_does_not_end_with(lines: list[str]) -> None:
    parts = split("\n".join(lines), LIMIT)
    assert all(len(part) <= LIMIT for part in parts)
    kept = [line for part in parts for line in part.splitlines() if not line.startswith(("```", "~~~"))]
    assert "".join("".join(kept).split()) == "".join(
        "".join(it for it in lines if it[:3] not in ("```", "~~~")).split()
    )


def test_short_text_is_one_part_and_nothing_is_none() -> None:
    assert split("short", LIMIT) == ["short"]
    assert split(" \n ", LIMIT) == []


def test_cut_is_made_at_the_kindest_place() -> None:
    assert split("One sentence here. Another one follows it.", 30) == ["One sentence here.", "Another one follows it."]
    assert split("first paragraph\n\nsecond paragraph is long", 30) == ["first paragraph", "second paragraph is long"]


def test_code_is_closed_and_opened_again() -> None:
    text = "```python\n" + "\n".join(f"    line_{number}()" for number in range(4)) + "\n```"
    parts = split(text, 50)
    assert len(parts) == 2
    assert all(part.startswith("```python\n    line_") and part.endswith("\n```") for part in parts)
