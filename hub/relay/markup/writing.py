"""Writing: what all renderers share that write marks around words."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from hub.relay.markup import tidy
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    CustomEmoji,
    Items,
    Leaf,
    Link,
    Mention,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
)

BREAK = "\u200b"
"""A space of no width: it keeps what only looks like a mention or a mark from being one."""

_STYLES = (Style.ITALIC, Style.STRIKE, Style.BOLD)


class Writer(ABC):
    """Writes blocks as lines of text; a platform's writer says how it writes each kind of leaf."""

    marks: ClassVar[Mapping[Style, str]]
    """What stands on both sides of words of a style."""

    bullet: ClassVar[str] = "-"
    largest: ClassVar[int] = 10**8
    """The largest number of a list's item."""

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Return blocks as text."""
        text = ""
        last: Block | None = None
        lists = 0
        for block in blocks:
            if last is not None:
                text += self.between(last, block)
            text += self._block(block, lists)
            lists = lists + 1 if isinstance(block, Items) else 0
            last = block
        return text

    def between(self, last: Block, block: Block) -> str:
        """Return what stands between two blocks."""
        return "\n\n" if type(last) is type(block) else "\n"

    def line(self, leaves: Sequence[Leaf]) -> str:
        """Return a line: its leaves, with marks around those of one style; marks are nested, the longest outside."""
        if all(leaf.style is Style.PLAIN for leaf in leaves):
            return "".join(self._leaf(leaves, place) for place in range(len(leaves)))
        written: list[str] = []
        opened: list[Style] = []
        for place, (leaf, ends) in enumerate(zip(leaves, _ends(leaves), strict=True)):
            written += self._closed(opened, leaf.style)
            fresh = sorted((end, _STYLES.index(one), one) for one, end in ends.items() if one not in opened)
            text = self._leaf(leaves, place)
            words = text.lstrip(" ") if fresh else text
            opened += (one for *_, one in reversed(fresh))
            written += [text[: len(text) - len(words)], *(self.marks[one] for *_, one in reversed(fresh)), words]
        return "".join([*written, *self._closed(opened, Style.PLAIN)])

    @abstractmethod
    def text(self, leaves: Sequence[Leaf], place: int, text: str) -> str:
        """Return words, the leaf at that place of a line."""

    @abstractmethod
    def code(self, text: str) -> str:
        """Return code within a line."""

    @abstractmethod
    def link(self, leaves: Sequence[Leaf], place: int, link: Link) -> str:
        """Return a link, the leaf at that place of a line."""

    @abstractmethod
    def mention(self, name: str) -> str:
        """Return a mention."""

    @abstractmethod
    def channel(self, name: str) -> str:
        """Return a channel."""

    @abstractmethod
    def emoji(self, name: str) -> str:
        """Return an emoji."""

    @abstractmethod
    def pre(self, block: Pre) -> str:
        """Return preformatted text."""

    def mark(self, number: int | None, nth: int) -> str:
        """Return what stands before an item (no number: a bullet); `nth` counts lists that follow each other."""
        return f"{self.bullet} " if number is None else f"{number}. "

    def _items(self, block: Items, nth: int) -> str:
        first = None if block.first is None else max(0, min(block.first, self.largest))
        written = []
        for place, item in enumerate(block.items):
            mark = self.mark(None if first is None else first + place, nth)
            written.append(indented(self.blocks(item), mark, " " * len(mark)))
        return "\n".join(written)

    def _block(self, block: Block, nth: int) -> str:
        match block:
            case Paragraph(inlines):
                return "\n".join(self.line(line) for line in tidy.lines(inlines))
            case Pre():
                return self.pre(block)
            case Quote(inner):
                return indented(self.blocks(inner), "> ", "> ")
            case Items():
                return self._items(block, nth)

    def _leaf(self, leaves: Sequence[Leaf], place: int) -> str:
        match leaves[place]:
            case Text(text):
                return self.text(leaves, place, text)
            case Code(text):
                return self.code(text)
            case Link() as link:
                return self.link(leaves, place, link)
            case Mention(name):
                return self.mention(name)
            case ChannelLink(name):
                return self.channel(name)
            case CustomEmoji(name):
                return self.emoji(name)

    def _closed(self, opened: list[Style], kept: Style) -> Iterator[str]:
        while any(style not in kept for style in opened):
            yield self.marks[opened.pop()]


def _ends(leaves: Sequence[Leaf]) -> list[dict[Style, int]]:
    """Return for each leaf its styles, and before which leaf each of them ends."""
    found: list[dict[Style, int]] = []
    after: dict[Style, int] = {}
    for place in range(len(leaves) - 1, -1, -1):
        after = {one: after.get(one, place + 1) for one in _STYLES if one in leaves[place].style}
        found.append(after)
    return found[::-1]


def indented(text: str, first: str, others: str) -> str:
    """Return the lines of a text, the first behind `first` and each other behind `others`; blank ones stay blank."""
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((others + line if line else others.rstrip()) for line in lines[1:])])


def quiet(name: str) -> str:
    """Return a mention of somebody who is not there: readable, and nobody's."""
    return f"@{BREAK}{name}"


def bare(link: Link) -> bool:
    """Tell whether a link shows its address and nothing else."""
    return link.url in {link.text, f"mailto:{link.text}"}


def honest(link: Link) -> bool:
    """Tell whether the words of a link may stand for its address: they do not look like another one."""
    shown = link.text.strip().casefold()
    return shown == link.url.casefold() or not ("://" in shown or shown.startswith("www."))


def longest(text: str, mark: str) -> int:
    """Return how long the longest run of `mark`, one character, in a text is."""
    return max((len(list(run)) for char, run in groupby(text) if char == mark), default=0)
