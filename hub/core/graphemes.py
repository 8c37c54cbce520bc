"""Graphemes: where readers see one character, whatever it is made of: letters with marks, joined emoji, flags."""

import unicodedata
from collections.abc import Iterator

LONGEST = 32
"""Most code points of one; what goes on behind that is cut."""

_JOINER = "\u200d"
_FLAG_HALVES = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_SKIN_TONES = "".join(map(chr, range(0x1F3FB, 0x1F400)))


def joined(text: str, place: int) -> bool:
    """Tell whether readers see what is before and behind `place` as one character."""
    left, right = text[place - 1], text[place]
    if _JOINER in (left, right) or unicodedata.category(right).startswith("M"):
        return True
    if right in _FLAG_HALVES:
        return (place - len(text[:place].rstrip(_FLAG_HALVES))) % 2 == 1
    return right in _SKIN_TONES


def graphemes(text: str) -> Iterator[str]:
    """Yield the characters as readers see them; together they are the text."""
    start = 0
    for place in range(1, len(text)):
        if text[place].isascii() or place - start >= LONGEST or not joined(text[start : place + 1], place - start):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]
