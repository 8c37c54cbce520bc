"""Markdown: what CommonMark and Discord's dialect share, from a parser's tokens to the tree."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import and_

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

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

_SCHEME = re.compile(r"(?<![^\W_])[a-z][a-z0-9+.-]{0,30}\Z", re.IGNORECASE)
STYLES = {"**": Style.BOLD, "__": Style.BOLD, "*": Style.ITALIC, "_": Style.ITALIC, "~~": Style.STRIKE}

Special = Callable[[SyntaxTreeNode, Style], Iterable[Inline]]
"""Makes leaves of a token that only a dialect has."""


def parser(*, enable: list[str], disable: list[str]) -> MarkdownIt:
    """Return a parser of CommonMark as people write it in a chat.

    Addresses need no brackets, what is indented is no code, and a line under another makes no heading of it. Nothing
    disappears: HTML and definitions of references stay as they are written, and links keep their addresses.
    """
    made = MarkdownIt("commonmark", {"html": False})
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
    return _Reader(text, styles, special).blocks(SyntaxTreeNode(made.parse(text)).children)


def inlines(made: MarkdownIt, line: str) -> tuple[Inline, ...]:
    """Return what one line says, taken as part of a paragraph."""
    read = _Reader(line, STYLES, None).row(SyntaxTreeNode(made.parseInline(line)))
    return next((it.inlines for it in tidy.paragraphs(read)), ())


def _address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as the parser calls it
    """Take a bare address; the parser comes here at each colon, its scheme waiting to become text."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending)
    url = words.address_at(state.src, state.pos - len(scheme.group())) if scheme else ""
    if scheme is None or not url or state.pos - len(scheme.group()) + len(url) > state.posMax:
        return False
    if not silent:
        state.pending = state.pending[: scheme.start()]
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": url}
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += len(url) - len(scheme.group())
    return True


class _Reader:
    """Makes the tree of one text."""

    def __init__(self, text: str, styles: Mapping[str, Style], special: Special | None) -> None:
        self._source = text
        self._styles = styles
        self._special = special

    def blocks(self, nodes: Iterable[SyntaxTreeNode]) -> Iterator[Block]:
        """Yield the blocks that nodes are."""
        for node in nodes:
            match node.type:
                case "paragraph":
                    yield Paragraph(self.row(node))
                case "heading":
                    yield Paragraph(self.row(node, Style.BOLD))
                case "fence":
                    yield Pre(node.content, node.info.split()[0] if node.info.strip() else "")
                case "blockquote":
                    yield Quote(tuple(self.blocks(node.children)))
                case "bullet_list" | "ordered_list":
                    items = tuple(tuple(self.blocks(item.children)) for item in node.children)
                    yield Items(items, _first(node))
                case "hr":
                    yield Paragraph((Text("———"),))
                case _:
                    yield Pre(self._lines(node))

    def _lines(self, node: SyntaxTreeNode) -> str:
        """Return the lines of the source that a block (a table) takes."""
        start, end = node.map or (0, 0)
        return "\n".join(self._source.split("\n")[start:end])

    def row(self, node: SyntaxTreeNode, style: Style = Style.PLAIN) -> tuple[Inline, ...]:
        """Return the leaves of a block of lines."""
        inlines = [leaf for inline in node.children for leaf in self._inlines(inline.children, style)]
        return tuple(words.leaves(tidy.joined(inlines)))

    def _inlines(self, nodes: Iterable[SyntaxTreeNode], style: Style) -> Iterator[Inline]:
        for node in nodes:
            match node.type:
                case "text":
                    yield Text(node.content, style)
                case "softbreak" | "hardbreak":
                    yield LineBreak()
                case "code_inline":
                    yield Code(node.content, style)
                case "strong" | "em" | "s":
                    yield from self._inlines(node.children, style | self._styles[node.markup])
                case "link" | "image":
                    yield _link(node, list(self._inlines(node.children, style)), style)
                case _ if self._special is not None:
                    yield from self._special(node, style)


def _first(node: SyntaxTreeNode) -> int | None:
    if node.type == "bullet_list":
        return None
    return int(node.attrs.get("start", 1))


def _link(node: SyntaxTreeNode, label: list[Inline], style: Style) -> Leaf:
    """Return a link; its words have the style that all of them share."""
    url = str(node.attrs.get("src" if node.type == "image" else "href", ""))
    styles = [leaf.style for leaf in label if not isinstance(leaf, LineBreak)]
    return Link(url, tidy.plain(label).replace("\n", " "), reduce(and_, styles) if styles else style)
