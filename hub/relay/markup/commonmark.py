"""CommonMark: the hub's own form of text, in which `@name` and `#channel` are a mention and a channel.

https://spec.commonmark.org/0.31.2/

What is written here reads well as it is, since agents and IRC clients see it unrendered: characters are escaped where
they would mean something, and nowhere else. A style that cannot stand where it is (CommonMark has no marks for half a
word beside punctuation) is left out; words never are.
"""

import re
from collections.abc import Sequence

from airchat.protocol.mentions import mentioned_names
from hub.relay.markup import markdown, tidy, words, writing
from hub.relay.markup.tree import (
    Block,
    Document,
    Items,
    Leaf,
    Link,
    Mention,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
    leaves,
    reworded,
)

_PARSER = markdown.parser(enable=["table"], disable=[])
_MARKS = {Style.BOLD: "**", Style.ITALIC: "*", Style.STRIKE: "~~"}

_MEANING = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|\Z)|`"
    r"|(?<!\s)\*|\*(?!\s)"  # between blanks it is a star
    r"|(?<![^\W_])_(?!\s)|(?<!\s)_(?![^\W_])"  # so it is for these, and within a word
    r"|~(?=~|\Z)|(?<=~)~|\A~"
    r"|<(?=[^<>\s]*(?:>|\Z))"
    r"|&(?=\#?\w{1,32};)"
    r"|\](?=\()"
)
_LINE_START = re.compile(
    r"\A(?:(?P<number>\d{1,9})(?=[.)](?:\s|\Z))|(?=\#{1,6}(?:\s|\Z)|>|[-+](?:\s|\Z)|[-:|][-:|\s]*\Z))"
)
_IN_LABEL = re.compile(rf"[\[\]]|{_MEANING.pattern}")
_MAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
_IN_SCHEME = re.compile(r"[\w+.-]\Z")
_TARGET = re.compile(r"\\|&(?=\#?\w{1,32};)")


def parse_commonmark(text: str) -> Document:
    """Return what a text of the hub says."""
    return tidy.document(markdown.blocks(_PARSER, words.clean(text)))


def render_commonmark(document: Document) -> str:
    """Return a document as a text of the hub; it mentions nobody but whom the document mentions."""
    text = _Writer().blocks(document.blocks)
    meant = {leaf.name.lower() for leaf in leaves(document.blocks) if isinstance(leaf, Mention)}
    if meant.issuperset(mentioned_names(text)):
        return text
    return _Writer().blocks(reworded(document.blocks, lambda text: text.replace("@", f"@{writing.BREAK}")))


class _Writer(writing.Writer):
    marks = _MARKS

    def between(self, last: Block, block: Block) -> str:
        """Return one line end where the next block needs no blank line before it."""
        interrupts = isinstance(block, Quote | Pre) or (isinstance(block, Items) and block.first in {None, 1})
        return "\n" if interrupts and isinstance(last, Paragraph) else "\n\n"

    def line(self, leaves: Sequence[Leaf]) -> str:
        """Return a line with all its styles if it reads back as it is, else without."""
        text = super().line(leaves)
        if ("*" not in text and "~" not in text) or markdown.inlines(_PARSER, text) == tuple(leaves):
            return text
        return super().line(tidy.unstyled(leaves))

    def text(self, leaves: Sequence[Leaf], place: int, text: str) -> str:
        """Return words, escaped where they would mean something."""
        escaped = _MEANING.sub(r"\\\g<0>", text)
        if escaped.endswith("!") and isinstance(next(iter(leaves[place + 1 :]), None), Link):
            escaped = escaped[:-1] + "\\!"
        return escaped if place else _LINE_START.sub(r"\g<number>\\", escaped)

    def code(self, text: str) -> str:
        """Return code in more backticks than it has in a row."""
        runs = {len(run) for run in re.findall("`+", text)}
        ticks = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
        space = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{ticks}{space}{text}{space}{ticks}"

    def link(self, leaves: Sequence[Leaf], place: int, link: Link) -> str:
        """Return a link as its address alone if that is all it says, in brackets where it would not end there."""
        if link.text == link.url and _stands_alone(leaves, place, link):
            return link.url
        if link.text == link.url or (writing.bare(link) and _MAIL.fullmatch(link.text)):
            return f"<{link.text}>"
        label = _IN_LABEL.sub(r"\\\g<0>", link.text)
        target = _TARGET.sub(lambda match: "\\\\" if match.group() == "\\" else "&amp;", link.url)
        return f"[{label}](<{target}>)" if re.search(r"[()\\]", target) else f"[{label}]({target})"

    def mention(self, name: str) -> str:
        """Return a mention as the hub reads it."""
        return f"@{name}"

    def channel(self, name: str) -> str:
        """Return a channel as the hub reads it."""
        return f"#{name}"

    def emoji(self, name: str) -> str:
        """Return an emoji by its name."""
        return f":{name}:"

    def mark(self, number: int | None, nth: int) -> str:
        """Return another mark for each list that follows another, which would otherwise be one with it."""
        if number is None:
            return "* " if nth % 2 else "- "
        return f"{number}) " if nth % 2 else f"{number}. "

    def pre(self, block: Pre) -> str:
        """Return a fence that its content does not end."""
        mark = "~" if "```" in block.text else "`"
        fence = mark * max(3, writing.longest(block.text, mark) + 1)
        return f"{fence}{''.join(block.language.split()).replace('`', '')}\n{block.text}\n{fence}"


def _stands_alone(leaves: Sequence[Leaf], place: int, link: Link) -> bool:
    """Tell whether a bare address would be read up to its end and not beyond."""
    if _IN_SCHEME.search(tidy.plain(leaves[max(0, place - 1) : place])):
        return False
    after = leaves[place + 1] if place + 1 < len(leaves) else Text(" ")
    if not isinstance(after, Text):
        return False
    if after.text[:1].isspace():
        return True
    glued = after.text.split(maxsplit=1)[0]
    ends = glued != after.text or place + 2 == len(leaves)
    return ends and after.style == link.style and words.address_at(link.url + glued, 0) == link.url
