"""Texts: CommonMark to lines of IRC that fit, and what people write there to CommonMark."""

import hashlib
import re
from dataclasses import dataclass
from unicodedata import category

from bridges.irc_network.network import Network
from hub.core.graphemes import graphemes
from hub.relay.contract.bridge import Names
from hub.relay.contract.outbound import Author
from hub.relay.markup import (
    Document,
    Nobody,
    divide,
    parse_commonmark,
    render_commonmark,
    render_irc,
)
from hub.relay.markup.tree import Paragraph, Text
from hub.relay.markup.writing import BREAK

LINE_BYTES = 510
TAG_BYTES = 5
ACCOUNT, NICK = "account:", "nick:"
"""What the ids of users begin with: of those who are logged in, and of those who are known by their nick alone."""

MORE = re.compile(r"… (\d+) more lines")

_SOURCE_BYTES = len(":!~@ PRIVMSG  :") + 2 + 10 + 63 + 50
"""Of a line as others get it: marks, and the longest user, host and channel."""

_NICK_BYTES = 30
_NAME_LENGTH = 30
_INVISIBLE = re.compile("\x03[0-9]{0,2}|[\x00-\x1f\\s@\u200b]")
_LEFT_OUT = frozenset('@<>%$"\\')
"""Signs that names are shown without: what stands around them, and what could call others."""
# legible on dark and on light ground
_COLORS = (2, 3, 4, 5, 6, 7, 10, 12, 13)


@dataclass(frozen=True, slots=True)
class ByNames(Nobody):
    """Knows whom and what the hub's names stand for on this network."""

    names: Names

    def user_of(self, name: str) -> str | None:
        """Return the nick of whoever the hub calls so."""
        user = self.names.remote_id_of(name)
        return user.removeprefix(NICK).removeprefix(ACCOUNT) if user is not None else None

    def channel_of(self, name: str) -> str | None:
        """Return the channel that is linked to the hub's."""
        return self.names.remote_channel_of(name)


@dataclass(frozen=True, slots=True)
class _Longest(Nobody):
    """Takes everybody for somebody here, with a long nick: no line that is really written is longer."""

    def user_of(self, name: str) -> str | None:
        return name + "-" * max(4, _NICK_BYTES - len(name))


class Texts:
    """Writes for one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._room = LINE_BYTES - _SOURCE_BYTES - max(_NICK_BYTES, len(network.nick.encode()))

    def fits(self, text: str) -> bool:
        """Tell whether a text fits into one line, whatever others see before it."""
        return len(text.encode()) <= self._room

    def divide(self, text: str, author: Author | None) -> list[str]:
        """Return a text in pieces of one line each; of a long one the first, and how many more there are."""
        beside = self.byline(author) + "#" * TAG_BYTES

        def fits(part: Document) -> bool:
            line = render_irc(part, _Longest())
            return "\n" not in line and self.fits(beside + line)

        pieces = [render_commonmark(part) for part in divide(parse_commonmark(text), fits)]
        most = self._network.lines
        if len(pieces) <= most:
            return pieces or ([text] if text.strip() else [])
        return [*pieces[: most - 1], f"… {len(pieces) - most + 1} more lines"]

    def plainly(self, text: str) -> str:
        """Return CommonMark as words on one line that call nobody."""
        return " ".join(render_irc(parse_commonmark(text), Nobody()).split())

    def is_of(self, line: str, piece: str) -> bool:
        """Tell whether a line that we said is that piece, whatever stands before it."""
        shape = _shape(self.plainly(piece))
        return bool(shape) and _shape(line).endswith(shape)

    def line(self, text: str, names: Names) -> str:
        """Return one piece as it is written on IRC."""
        return render_irc(parse_commonmark(text), ByNames(names)).replace("\n", " ")

    def byline(self, author: Author | None, *, notice: bool = False) -> str:
        """Return what stands before an author's words, in the author's color; nobody is called by it."""
        if author is None:
            return ""
        name = unhighlighted(visible(author.name))
        if self._network.colors:
            name = f"\x03{color(author):02d}{name}\x0f"
        return f"* {name} " if notice else f"<{name}> "


def _shape(line: str) -> str:
    return _INVISIBLE.sub("", line)


def visible(name: str) -> str:
    """Return a name that shows what it is, without control characters, of a bounded length."""
    shown = "".join(one for one in name if one not in _LEFT_OUT and category(one)[0] != "C")
    return " ".join(shown.split())[:_NAME_LENGTH] or "somebody"


def unhighlighted(name: str) -> str:
    """Return a name that calls nobody of that nick."""
    first = next(iter(graphemes(name)), "")
    return f"{first}{BREAK}{name[len(first) :]}" if len(name) > len(first) else name


def color(author: Author) -> int:
    """Return an author's color, the same for ever."""
    digest = hashlib.sha256((author.id or author.name).encode()).digest()
    return _COLORS[digest[0] % len(_COLORS)]


def said(text: str) -> str:
    """Return plain words as CommonMark."""
    return render_commonmark(Document((Paragraph((Text(" ".join(text.split())),)),)))
