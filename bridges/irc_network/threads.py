"""Threads: short tags by which people on IRC see which thread a line belongs to, and answer: `#k3f: text`.

A tag follows from the remote id of the message that began the thread, so it is the same for ever. Only threads have one
that is known: words that begin with `#` and three letters are as a rule nothing but words.
"""

import hashlib
import re
import time
from collections import OrderedDict

TAGGED = re.compile(r"#(?P<tag>[a-z][a-z2-7]{2})(?:: ?| )(?P<text>.+)", re.DOTALL)
_KNOWN = 500
_SHOWN_SECONDS = 1800.0
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = _LETTERS + "234567"


def tag_of(remote_id: str) -> str:
    """Return the tag of the thread that a message began: a letter and two more signs."""
    first, second, third = hashlib.sha256(remote_id.encode()).digest()[:3]
    return _LETTERS[first % 26] + _DIGITS[second % 32] + _DIGITS[third % 32]


class Threads:
    """The tags of one network's channels; kept over reconnects, and filled again after a restart."""

    def __init__(self) -> None:
        self._roots: dict[str, OrderedDict[str, str]] = {}
        self._shown: dict[tuple[str, str], float] = {}

    def know(self, channel: str, remote_id: str) -> None:
        """Let people answer in the thread that a message began, by its tag."""
        self.lead(channel, tag_of(remote_id), remote_id)

    def lead(self, channel: str, tag: str, remote_id: str) -> None:
        """Let a tag lead to a message: of a thread whose beginning is not on IRC, to an answer that is."""
        roots = self._roots.setdefault(channel, OrderedDict())
        roots[tag] = remote_id
        roots.move_to_end(tag)
        if len(roots) > _KNOWN:
            roots.popitem(last=False)

    def root(self, channel: str, tag: str) -> str | None:
        """Return the remote id of the message that began the thread with that tag."""
        roots = self._roots.get(channel)
        return roots.get(tag) if roots is not None else None

    def is_shown(self, channel: str, tag: str) -> bool:
        """Tell whether it was said lately what the tag stands for."""
        return time.monotonic() - self._shown.get((channel, tag), float("-inf")) < _SHOWN_SECONDS

    def show(self, channel: str, tag: str) -> None:
        """Take note that it is being said."""
        if len(self._shown) > _KNOWN:
            self._shown.clear()
        self._shown[channel, tag] = time.monotonic()
