"""Tidying: the one form of a tree that every parser ends with.

Neighbours of one style are one text; blanks have the style that both their neighbours share, so that no mark stands
beside them; lines and paragraphs begin and end with something to see; nothing is empty.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    CustomEmoji,
    Document,
    Inline,
    Items,
    Leaf,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Quote,
    Style,
    Text,
)

DEPTH = 12
"""How deep quotes and lists are nested; what is deeper is shown at that depth."""


def document(blocks: Iterable[Block]) -> Document:
    """Return the blocks as a tidy document."""
    return Document(_blocks(blocks, DEPTH))


def paragraphs(inlines: Iterable[Inline]) -> tuple[Paragraph, ...]:
    """Return tidy paragraphs of leaves and line breaks; an empty line ends one."""
    found: list[Paragraph] = []
    row: list[Inline] = []
    for line in map(_line, lines(inlines)):
        if line:
            row += [LineBreak(), *line] if row else line
        elif row:
            found.append(Paragraph(tuple(row)))
            row = []
    if row:
        found.append(Paragraph(tuple(row)))
    return tuple(found)


def lines(inlines: Iterable[Inline]) -> list[list[Leaf]]:
    """Return the leaves of each line."""
    found: list[list[Leaf]] = [[]]
    for inline in inlines:
        if isinstance(inline, LineBreak):
            found.append([])
        else:
            found[-1].append(inline)
    return found


def unstyled(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Return the leaves of a line without their styles."""
    (line,) = lines(joined(replace(leaf, style=Style.PLAIN) for leaf in leaves))
    return line


def joined(inlines: Iterable[Inline]) -> list[Inline]:
    """Return the row with neighbouring texts (and codes) of one style joined, and without empty texts."""
    row: list[Inline] = []
    for key, group in groupby(inlines, _joins):
        if key is None:
            row += group
        elif text := plain(group):
            kind, style = key
            row.append(kind(text, style))
    return row


def _joins(inline: Inline) -> tuple[type[Text | Code], Style] | None:
    return (type(inline), inline.style) if isinstance(inline, Text | Code) else None


def plain(inlines: Iterable[Inline]) -> str:
    """Return the words of a row, without styles and addresses."""
    return "".join(_word(inline) for inline in inlines)


def _word(inline: Inline) -> str:
    match inline:
        case Mention(name):
            return f"@{name}"
        case ChannelLink(name):
            return f"#{name}"
        case CustomEmoji(name):
            return f":{name}:"
        case LineBreak():
            return "\n"
    return inline.text


def _blocks(blocks: Iterable[Block], depth: int) -> tuple[Block, ...]:
    return tuple(tidied for block in blocks for tidied in _block(block, depth))


def _block(block: Block, depth: int) -> tuple[Block, ...]:
    match block:
        case Paragraph(inlines):
            return paragraphs(inlines)
        case Quote(blocks):
            inner = _blocks(blocks, depth - 1)
            return (Quote(inner),) if inner and depth > 0 else inner
        case Items(items):
            kept = tuple(inner for item in items if (inner := _blocks(item, depth - 1)))
            return (replace(block, items=kept),) if kept and depth > 0 else tuple(it for item in kept for it in item)
        case _:
            text = block.text.strip("\n")
            return (replace(block, text=text),) if text.strip() else ()


def _line(leaves: list[Leaf]) -> list[Inline]:
    """Return a line without blanks at its ends, blanks within it in the style of both their neighbours."""
    row: list[Leaf] = []
    blank = ""
    for piece in (piece for leaf in leaves for piece in _pieces(leaf)):
        if isinstance(piece, Text) and piece.text.isspace():
            blank += piece.text
            continue
        if row and blank:
            row.append(Text(blank, row[-1].style & piece.style))
        row.append(piece)
        blank = ""
    return joined(row)


def _pieces(leaf: Leaf) -> Iterable[Leaf]:
    """Return a text as its blank beginning, its words and its blank end; code and links without blanks around them."""
    match leaf:
        case Text(text, style):
            words = text.strip()
            if words == text:
                return (leaf,) if text else ()
            start = len(text) - len(text.lstrip())
            return (Text(it, style) for it in (text[:start], words, text[start + len(words) :]) if it)
        case Code(text, style):
            code = text.replace("\n", " ").strip()
            return (Code(code, style),) if code else ()
        case Link(url, text, style):
            return (Link(url, text.strip() or url, style),)
    return (leaf,)
