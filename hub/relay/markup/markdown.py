"""Markdown: what CommonMark and Discord's dialect share, from a parser's tokens to the tree."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import and_

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from hub.relay.markup import tidy, words
from hub.relay.markup.tree import (
    Block,
    Code,
    Inline,
    Items,
    Leaf,
    LineBreak,
    Link,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
)

_NESTING = 60
_TOO_DEEP = _NESTING - 2
_SCHEME = re.compile(r"(?<![^\W_])[a-z][a-z0-9+.-]{0,30}\Z", re.IGNORECASE)
_NEAR = 40
STYLES = {"**": Style.BOLD, "__": Style.BOLD, "*": Style.ITALIC, "_": Style.ITALIC, "~~": Style.STRIKE}

Special = Callable[[Token, Style], Iterable[Inline]]
"""Makes leaves of a token that only a dialect has."""


def parser(*, enable: list[str], disable: list[str]) -> MarkdownIt:
    """Return a parser of CommonMark as people write it in a chat.

    Addresses need no brackets, what is indented is no code, and a line under another makes no heading of it. Nothing
    disappears: HTML and definitions of references stay as they are written, and links keep their addresses.
    """
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING})
    made.enable(["strikethrough", *enable])
    made.disable(["code", "lheading", "reference", *disable])
    made.inline.ruler.before("escape", "address", _address)
    for method, own in (("validateLink", words.is_address), ("normalizeLink", str), ("normalizeLinkText", str)):
        setattr(made, method, own)
    return made


def blocks(
    made: MarkdownIt, text: str, styles: Mapping[str, Style] = STYLES, special: Special | None = None
) -> Iterator[Block]:
    """Yield what a text says; `styles` are those of the dialect's marks, `special` reads tokens of its own."""
    tokens = made.parse(text)
    if any(token.level >= _TOO_DEEP for token in tokens):
        # the parser leaves out what is nested deeper: it is read without quotes and lists
        return (Paragraph((Text(line),)) for line in text.split("\n") if line.strip())
    return _Reader(text, styles, special).blocks(iter(tokens))


def inlines(made: MarkdownIt, line: str) -> tuple[Inline, ...]:
    """Return what one line says, taken as part of a paragraph."""
    (token,) = made.parseInline(line)
    read = _Reader(line, STYLES, None).row(token, Style.PLAIN)
    return next((it.inlines for it in tidy.paragraphs(read)), ())


def _address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as the parser calls it
    """Take a bare address; the parser comes here at each colon, its scheme waiting to become text."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending[-_NEAR:])
    length = len(scheme.group()) if scheme else 0
    url = words.address_at(state.src, state.pos - length) if length else ""
    if not url or state.pos - length + len(url) > state.posMax:
        return False
    if not silent:
        state.pending = state.pending[:-length]
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": url}
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += len(url) - length
    return True


class _Reader:
    """Makes the tree of one text from its tokens, which say where blocks and styles begin and end."""

    def __init__(self, text: str, styles: Mapping[str, Style], special: Special | None) -> None:
        self._source = text
        self._styles = styles
        self._special = special

    def blocks(self, tokens: Iterator[Token], style: Style = Style.PLAIN) -> Iterator[Block]:  # noqa: C901 - a table
        """Yield the blocks up to the end of the one that holds them, words in a style."""
        for token in tokens:
            if token.nesting < 0:
                return
            match token.type:
                case "inline":
                    yield Paragraph(self.row(token, style))
                case "paragraph_open":
                    yield from self.blocks(tokens)
                case "heading_open":
                    yield from self.blocks(tokens, Style.BOLD)
                case "fence":
                    yield Pre(token.content, token.info.split()[0] if token.info.strip() else "")
                case "blockquote_open":
                    yield Quote(tuple(self.blocks(tokens)))
                case "bullet_list_open" | "ordered_list_open":
                    first = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
                    yield Items(tuple(self._items(tokens)), first)
                case "hr":
                    yield Paragraph((Text("———"),))
                case "table_open":
                    yield Pre(self._lines(token))
                    _skip(tokens)

    def _items(self, tokens: Iterator[Token]) -> Iterator[tuple[Block, ...]]:
        for token in tokens:
            if token.nesting < 0:
                return
            yield tuple(self.blocks(tokens))

    def _lines(self, token: Token) -> str:
        """Return the lines of the source that a block takes, without the marks of a quote around it."""
        start, end = token.map or (0, 0)
        return "\n".join(line.lstrip("> ") for line in self._source.split("\n")[start:end])

    def row(self, block: Token, style: Style) -> tuple[Inline, ...]:
        """Return the leaves of a block of lines."""
        found: list[Inline] = []
        styles = [style]
        links: list[tuple[str, int]] = []
        for token in block.children or ():
            if token.type == "link_open":
                links.append((str(token.attrs["href"]), len(found)))
            elif token.type == "link_close":
                url, start = links.pop()
                found[start:] = [_link(url, found[start:], styles[-1])]
            elif token.nesting > 0:
                styles.append(styles[-1] | self._styles[token.markup])
            elif token.nesting < 0:
                styles.pop()
            else:
                found += self._leaves(token, styles[-1])
        return tuple(words.leaves(tidy.joined(found)))

    def _leaves(self, token: Token, style: Style) -> Iterable[Inline]:
        match token.type:
            case "text" | "text_special":
                return [Text(token.content, style)]
            case "softbreak" | "hardbreak":
                return [LineBreak()]
            case "code_inline":
                return [Code(token.content, style)]
            case "image":
                return [_link(str(token.attrs["src"]), [Text(token.content, style)], style)]
        return self._special(token, style) if self._special else ()


def _skip(tokens: Iterator[Token]) -> None:
    """Go behind the end of the block that began."""
    depth = 1
    while depth:
        depth += next(tokens).nesting


def _link(url: str, label: list[Inline], style: Style) -> Leaf:
    """Return a link; its words have the style that all of them share."""
    styles = [leaf.style for leaf in label if not isinstance(leaf, LineBreak)]
    return Link(url, tidy.plain(label).replace("\n", " "), reduce(and_, styles) if styles else style)
