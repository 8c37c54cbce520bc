"""Cuts a long text into parts that a platform takes, at the kindest place, losing nothing but the white space there."""

import re

_FENCE = re.compile(r"^(```|~~~)[^\n]*$", re.MULTILINE)
_BREAKS = ("\n\n", "\n", ". ", " ")
_CLOSING = len("\n```")


def split(text: str, limit: int) -> list[str]:
    """Return `text` in parts of at most `limit` characters; white space alone makes no part.

    A code fence that a cut would leave open is closed at the end of one part and opened again in the next.
    """
    parts: list[str] = []
    fence: str | None = None
    rest = text
    while rest.strip():
        opening = f"{fence}\n" if fence else ""
        if len(opening) + len(rest) <= limit:
            parts.append(opening + rest)
            break
        cut = _cut(rest, limit - len(opening) - _CLOSING)
        head, rest = rest[:cut].rstrip(), rest[cut:].lstrip("\n")
        if head:
            fence = _open_fence(opening + head, limit // 4)
            parts.append(opening + head + (f"\n{fence[:3]}" if fence else ""))
    return parts


def _cut(text: str, room: int) -> int:
    """Return where to cut: after the last break in the second half of the room, else between two characters."""
    for mark in _BREAKS:
        at = text.rfind(mark, room // 2, room)
        if at >= 0:
            return at + len(mark)
    # not between a character and what combines with it
    at = room
    while at > room // 2 and (
        text[at] in "\u200d\ufe0f" or text[at - 1] == "\u200d" or "\u0300" <= text[at] <= "\u036f"
    ):
        at -= 1
    return at


def _open_fence(text: str, longest: int) -> str | None:
    """Return the opening line of the code fence that `text` leaves open, without what follows the mark if too long."""
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
        elif opened.group(1) == match.group(1):
            opened = None
    if opened is None:
        return None
    return opened.group() if len(opened.group()) <= longest else opened.group(1)
