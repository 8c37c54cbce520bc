"""How replies put things: in CommonMark, in which nothing that others wrote becomes markup."""

import re
from collections.abc import Iterable

from airchat.protocol.timestamps import DAY, HOUR, MINUTE, SECOND
from hub.relay.words import one_line

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~@:&-])")
_EXCERPT = 200
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))


def plain(text: str, limit: int = _EXCERPT) -> str:
    """Return words of somebody else in one line, cut, and escaped so that they are nothing but words."""
    line = one_line(text)
    return _MARKUP.sub(r"\\\1", line if len(line) <= limit else f"{line[: limit - 1]}…")


def quoted(text: str, limit: int) -> str:
    """Return what somebody else wrote as a quote, cut: whatever it says, it stays one."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "\n".join(f"> {line}" for line in cut.splitlines())


def span(micros: int) -> str:
    """Return a length of time in its largest unit."""
    return next((f"{micros // size} {unit}" for size, unit in _UNITS if micros >= size), "a moment")


def bullets(rows: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {row}" for row in rows)


def names(found: Iterable[str], sign: str, limit: int = 5) -> str:
    """Return a few names as code, each after its sign."""
    listed = list(found)
    shown = ", ".join(f"`{sign}{name}`" for name in listed[:limit])
    return f"{shown} and {len(listed) - limit} more" if len(listed) > limit else shown
