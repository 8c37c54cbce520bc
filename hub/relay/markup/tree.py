"""The neutral tree: what a text says and how it is set off, whatever platform it came from or goes to.

Blocks hold leaves in a flat row, each leaf with its style, so that two texts that look the same are the same tree.
Emoji that Unicode has are text. What a platform has more than this (headings, underlining, tables, spoilers, times) is
folded into it when a text is read.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Flag, auto


class Style(Flag):
    """How a piece of text is set off."""

    PLAIN = 0
    BOLD = auto()
    ITALIC = auto()
    STRIKE = auto()


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one style, on one line."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Code:
    """Code within a line."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an address; a bare one has its address as text."""

    url: str
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody addressed by the name they have on the hub, as written (`@Name` is `@name`); it may be nobody's."""

    name: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel named as on the hub, as written; it may not exist."""

    name: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class CustomEmoji:
    """An emoji by its name, without colons: a picture of some platform's own, or one of Unicode's."""

    name: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line within a paragraph."""


Leaf = Text | Code | Link | Mention | ChannelLink | CustomEmoji
Inline = Leaf | LineBreak


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Pre:
    """Preformatted text, such as code; `language` is what its author called it, one word, or empty."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody else said."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list. `first` is the number of its first item, None for bullets."""

    items: tuple[tuple["Block", ...], ...]
    first: int | None = None


Block = Paragraph | Pre | Quote | Items


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text."""

    blocks: tuple[Block, ...] = ()


def leaves(blocks: Iterable[Block]) -> Iterator[Leaf]:
    """Yield all leaves within blocks, in order."""
    for block in blocks:
        match block:
            case Paragraph(inlines):
                yield from (inline for inline in inlines if not isinstance(inline, LineBreak))
            case Quote(inner):
                yield from leaves(inner)
            case Items(items):
                yield from (leaf for item in items for leaf in leaves(item))


def reworded(blocks: Iterable[Block], change: Callable[[str], str]) -> tuple[Block, ...]:
    """Return the blocks with other words in texts, code and links, mentions as they are."""
    return tuple(_reworded(block, change) for block in blocks)


def _reworded(block: Block, change: Callable[[str], str]) -> Block:
    match block:
        case Paragraph(inlines):
            changed = (
                replace(it, text=change(it.text)) if isinstance(it, Text | Code | Link) else it for it in inlines
            )
            return Paragraph(tuple(changed))
        case Quote(inner):
            return Quote(reworded(inner, change))
        case Items(items):
            return replace(block, items=tuple(reworded(item, change) for item in items))
        case Pre(text):
            return replace(block, text=change(text))
