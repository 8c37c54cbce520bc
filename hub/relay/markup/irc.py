"""IRC: control codes for styles, everything else as plain, readable lines.

https://modern.ircdocs.horse/formatting

Colours are dropped, underlining is read as italics. Bold and italic leave as codes, which every client knows; code is
in backticks and what was struck out between tildes, since many clients show the codes for these as garbage.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.relay.markup import tidy, words, writing
from hub.relay.markup.emoji import unicode_of
from hub.relay.markup.resolver import Resolver
from hub.relay.markup.tree import (
    Code,
    Document,
    Inline,
    Leaf,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Pre,
    Style,
    Text,
)

_CODE = re.compile(
    r"(?P<style>[\x02\x1d\x1f\x1e])|(?P<code>\x11)|(?P<reset>\x0f)|\x03(?:\d{1,2}(?:,\d{1,2})?)?"
    r"|\x04(?:[0-9a-fA-F]{6}(?:,[0-9a-fA-F]{6})?)?|\x16|`(?P<ticked>[^`\x02\x03\x04\x0f\x11\x16\x1d-\x1f]+)`"
)
_STYLES = {"\x02": Style.BOLD, "\x1d": Style.ITALIC, "\x1f": Style.ITALIC, "\x1e": Style.STRIKE}
_MARKS = {Style.BOLD: "\x02", Style.ITALIC: "\x1d", Style.STRIKE: "~"}
_ADDRESSED = re.compile(r"([^\s:,@\x00-\x1f]{1,64})[:,](?=\s)")
_INDENT = "  "


def parse_irc(text: str, resolver: Resolver) -> Document:
    """Return what lines from IRC say, each with its codes; people under their names on the hub where addressed so."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inlines = words.leaves(tidy.joined(leaf for line in lines for leaf in (LineBreak(), *_line(line, resolver))))
    return tidy.document([Paragraph(tuple(_known(inline, resolver) for inline in inlines))])


def uncoded(text: str) -> str:
    """Return a line from IRC without its codes, as plain text."""
    return _CODE.sub(lambda code: code[0] if code["ticked"] else "", text)


def render_irc(document: Document, resolver: Resolver) -> str:
    """Return a document as lines for IRC, without blank ones; whom `resolver` does not know is not highlighted."""
    return "\n".join(line for line in _Writer(resolver).blocks(document.blocks).split("\n") if line.strip())


def _known(inline: Inline, resolver: Resolver) -> Inline:
    """Return a mention of a nick as one of whoever the hub knows by it."""
    name = resolver.name_of(inline.name) if isinstance(inline, Mention) else None
    return replace(inline, name=name) if name and isinstance(inline, Mention) else inline


def _line(line: str, resolver: Resolver) -> Iterator[Inline]:
    addressed = _ADDRESSED.match(line)
    name = resolver.name_of(addressed[1]) if addressed else None
    if addressed and name:
        yield Mention(name)
        line = line[addressed.end(1) :]
    style, mono, done = Style.PLAIN, False, 0

    def piece(text: str) -> Inline:
        return Code(words.clean(text), style) if mono else Text(words.clean(text), style)

    for match in _CODE.finditer(line):
        yield piece(line[done : match.start()])
        done = match.end()
        if match["style"]:
            style ^= _STYLES[match["style"]]
        elif match["code"]:
            mono = not mono
        elif match["reset"]:
            style, mono = Style.PLAIN, False
        elif match["ticked"]:
            yield Code(words.clean(match["ticked"]), style)
    yield piece(line[done:])


class _Writer(writing.Writer):
    marks = _MARKS
    bullet = "•"

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def text(self, leaves: Sequence[Leaf], place: int, text: str) -> str:
        """Return words, on one line."""
        return _one_line(text)

    def code(self, text: str) -> str:
        """Return code as people write it on IRC."""
        return f"`{_one_line(text)}`"

    def link(self, leaves: Sequence[Leaf], place: int, link: Link) -> str:
        """Return a link with its address behind it."""
        return _one_line(link.text if writing.bare(link) else f"{link.text} ({link.url})")

    def mention(self, name: str) -> str:
        """Return the nick of somebody who is there; another name is broken, as clients look for their nick anywhere."""
        return self._resolver.user_of(name.lower()) or f"@{name[:1]}{writing.BREAK}{name[1:]}"

    def channel(self, name: str) -> str:
        """Return a channel under its name there."""
        return self._resolver.channel_of(name.lower()) or f"#{name}"

    def emoji(self, name: str) -> str:
        """Return an emoji of Unicode, or its name."""
        return unicode_of(name) or f":{name}:"

    def pre(self, block: Pre) -> str:
        """Return lines, indented."""
        return writing.indented(words.clean(block.text).expandtabs(4), _INDENT, _INDENT)


def _one_line(text: str) -> str:
    return words.clean(text).replace("\n", " ")
