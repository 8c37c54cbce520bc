"""Corrections: `s/old/new/` by whoever wrote the line before, taken as an edit of it."""

import re
from dataclasses import dataclass

WITHIN = 60 * 1_000_000
_SUBSTITUTION = re.compile(
    r"s(?P<mark>[/|,])(?P<old>[^/|,\n]{1,200})(?P=mark)(?P<new>[^/|,\n]{0,200})(?:(?P=mark)(?P<all>g?))?"
)
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be corrected."""

    id: str
    text: str
    at: int


class Corrections:
    """Remembers everybody's newest line of each channel for a minute."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._newest: dict[tuple[str, str], Line] = {}

    def of(self, channel: str, author: str, id: str, text: str, at: int) -> Line | None:
        """Return the author's line as these words correct it; None if they are words of their own."""
        if not self._wanted:
            return None
        before = self._newest.get((channel, author))
        match = _SUBSTITUTION.fullmatch(text.strip())
        if match and before and 0 <= at - before.at <= WITHIN and match["old"] in before.text:
            count = -1 if match["all"] else 1
            after = Line(before.id, before.text.replace(match["old"], match["new"], count), before.at)
            if after.text.strip():
                self._newest[channel, author] = after
                return after
        if len(self._newest) > _REMEMBERED:
            self._newest = {key: line for key, line in self._newest.items() if at - line.at <= WITHIN}
        self._newest[channel, author] = Line(id, text, at)
        return None
