"""Which plain letters a text looks as if it were made of: other alphabets, marks and what is invisible put aside.

Only the letters that spell a boundary are known. Standard library only, and little of it: hooks import this.
"""

import unicodedata
from collections.abc import Sequence

_TWINS = {
    "A": "АаΑαΛΆάᎪᴀꓮᗅᗩⲀⲁ𐊠ⱯȺⱥɑ⍺∀卂ꭺ",  # noqa: RUF001 - they are to be taken for it
    "C": "СсϹϲᏟᴄꓚᑕⲤⲥȻȼƇƈ匚ꮯ©",
    "D": "ΔδᎠᴅꓓᗞᗪĐđÐðƉɖԀԁꭰ",
    "E": "ЕеΕεЄєᎬᴇꓰⲈⲉɆɇ",
    "H": "НнΗᎻʜꓧᕼⲎⲏҺһհĦħ卄ꮋ",
    "I": "ІіΙιᎥɪıӀӏǀ∣ꓲⲒⲓᛁƗɨⵏ丨",  # noqa: RUF001 - as above
    "N": "ΝηИиᴎɴꓠⲚⲛ",
    "R": "ᎡᏒʀꓣᖇɌɍꭱгЯя尺",
    "T": "ТтΤτᎢᴛꓔⲦⲧŦŧȾƬ丅ㄒꭲ⊤",  # noqa: RUF001 - as above
}
_LETTERS = {twin: letter for letter, twins in _TWINS.items() for twin in twins}
_ALPHABETS = (0x1F150, 0x1F170, 0x1F1E6)
"""Where alphabets of white letters on black, and of flags, begin."""
_BLANKS = "\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0"
_KNOWN = 10_000


class _Plain(dict[int, str]):
    """What each character looks like, by its code; most texts have few different ones."""

    def __missing__(self, code: int) -> str:
        found = _plain(chr(code))
        if len(self) < _KNOWN:
            self[code] = found
        return found


_table = _Plain()


def plain(text: str) -> str:
    """Return `text` in plain capitals; what is invisible is a space, as it may part words or stand within one."""
    return text.upper() if text.isascii() else text.translate(_table)


def places(text: str) -> Sequence[int]:
    """Return for each character of `plain(text)` where in `text` it comes from."""
    if text.isascii():
        return range(len(text))
    return [place for place, char in enumerate(text) for _ in _table[ord(char)]]


def _plain(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    for begin in _ALPHABETS:
        if begin <= ord(char) < begin + 26:
            return chr(65 + ord(char) - begin)
    if char in _BLANKS or unicodedata.category(char) == "Cf":
        return " "
    parts = (part for part in unicodedata.normalize("NFKD", char) if not unicodedata.category(part).startswith("M"))
    return "".join(_LETTERS.get(part, part) for part in parts).upper()
