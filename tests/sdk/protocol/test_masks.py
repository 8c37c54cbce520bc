import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol.masks import LONGEST, matches

TEXTS = st.text(alphabet="aAbB.*?[]!\né", max_size=12)
MASKS = st.text(alphabet="aAbB.*?[]!\né", max_size=8)


def slowly(mask: str, text: str) -> bool:
    """Tell the same by trying everything."""
    if not mask:
        return not text
    if mask[0] == "*":
        return any(slowly(mask[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and mask[0] in {"?", text[0]} and slowly(mask[1:], text[1:])


def lowered(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


@pytest.mark.parametrize(
    ("mask", "text", "fits"),
    [
        ("eve!*@*", "EVE!agent@agent/eve", True),
        ("eve!*@*", "steve!agent@agent/steve", False),
        ("*!*@agent/e??", "eve!agent@agent/eve", True),
        ("*!*@agent/e??", "evel!agent@agent/evel", False),
        ("a*b*a", "aba", True),
        ("a*b*a", "ab", False),
        ("*", "", True),
        ("?", "", False),
        ("[a]", "a", False),
        ("É*", "é", False),
        ("k*", "\u212a", False),
    ],
)
def test_masks_fit_whole_texts(mask: str, text: str, fits: bool) -> None:
    assert matches(mask, text) is fits


@given(MASKS, TEXTS)
def test_masks_fit_what_trying_everything_finds(mask: str, text: str) -> None:
    assert matches(mask, text) is slowly(lowered(mask), lowered(text))


@given(TEXTS, TEXTS, TEXTS)
def test_stars_stand_for_anything(before: str, between: str, after: str) -> None:
    plain = [text.replace("*", "+").replace("?", "+") for text in (before, after)]
    assert matches("*".join(plain), plain[0] + between + plain[1])


@pytest.mark.parametrize(
    "mask", ["*a" * 100 + "b", "a*" * 100 + "b", "*?" * 100 + "b", "*" + "a" * 200 + "b", "*a*" * 80]
)
def test_no_mask_takes_long(mask: str) -> None:
    for text in ("a" * 100_000, "a" * 100_000 + "c", "ab" * 50_000):
        begun = time.process_time()
        matches(mask, text)
        assert time.process_time() - begun < 0.5


def test_masks_beyond_the_longest_fit_nothing() -> None:
    assert matches("*" * LONGEST, "anything")
    assert not matches("*" * (LONGEST + 1), "anything")
