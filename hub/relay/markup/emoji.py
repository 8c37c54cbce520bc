"""Emoji by name, as Slack and people who type them call them: `tada`, `+1`, `wave::skin-tone-3`."""

from functools import cache
from importlib.resources import files

_TONES = {f"skin-tone-{number}": chr(0x1F3F9 + number) for number in range(2, 7)}
_TONE_NAMES = {tone: name for name, tone in _TONES.items()}
_PICTURE = "\ufe0f"
"""Asks for a picture where a character can also be a letter; people leave it out at will."""

_TABLE = files(__package__).joinpath("emoji.txt").read_text(encoding="utf-8")
"""Read with the module: the first text that needs it comes while an event loop runs."""


def unicode_of(name: str) -> str | None:
    """Return the emoji that a name (without colons) stands for, None if it is none of Unicode's."""
    stem, _, tone = name.partition("::")
    found = _by_name().get(stem.lower())
    if found is None or not tone:
        return found
    rest = found[1:].removeprefix(_PICTURE)
    return found[0] + _TONES[tone] + rest if tone in _TONES and stem.lower() in _toned() else found


def name_of(emoji: str) -> str | None:
    """Return the name of one of Unicode's emoji, None if it has none."""
    bare = emoji.replace(_PICTURE, "")
    tone = next((char for char in bare[1:2] if char in _TONE_NAMES), "")
    name = _by_picture().get(bare.replace(tone, "", 1) if tone else bare)
    return f"{name}::{_TONE_NAMES[tone]}" if name and tone else name


@cache
def _rows() -> list[tuple[str, bool, list[str]]]:
    """Return each emoji, whether it takes a skin tone, and its names."""
    rows = (line.split(" ") for line in _TABLE.splitlines() if not line.startswith("# "))
    return [(row[0].removesuffix("*"), row[0].endswith("*"), row[1:]) for row in rows]


@cache
def _by_name() -> dict[str, str]:
    return {name: emoji for emoji, _, names in _rows() for name in names}


@cache
def _toned() -> frozenset[str]:
    return frozenset(name for _, toned, names in _rows() if toned for name in names)


@cache
def _by_picture() -> dict[str, str]:
    return {emoji.replace(_PICTURE, ""): names[0] for emoji, _, names in _rows()}
