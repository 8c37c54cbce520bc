"""Slack's mrkdwn: entities in angle brackets, three escaped characters, and marks that stand around whole words.

https://docs.slack.dev/messaging/formatting-message-text

Slack's clients send blocks beside it that say the same without doubt, and blocks are the better way back
(`rich_text.py`). A mark that is meant as a character cannot be escaped here: a space of no width stands behind it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.relay.markup import tidy, words, writing
from hub.relay.markup.emoji import unicode_of
from hub.relay.markup.resolver import Resolver
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    Document,
    Inline,
    Items,
    Leaf,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
)

EVERYBODY = ("here", "channel", "everyone")
"""Whom Slack can address at once; on the hub these are nobody's names."""

_FENCE = re.compile(r"```(.*?)```", re.DOTALL)
_PIECE = re.compile(r"`(?P<code>[^`\n]+)`|<(?P<entity>[^<>\n]+)>|:(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):")
_PLACE = "\ufffc"
_QUOTED = re.compile(r"(?:&gt;|>) ?")
_BULLET = re.compile(r"\s*[•◦▪] ")
_OPENER = re.compile(rf"(?<![^\W_])(?P<mark>[*_~])(?![\s{writing.BREAK}]|(?P=mark)|\Z)")
_CLOSER = re.compile(rf"(?<![\s{writing.BREAK}])[*_~](?![^\W_]|{writing.BREAK})")
_ANY_MARK = re.compile(r"[*_~]")
_LITERAL = re.compile(rf"(?<=[*_~]){writing.BREAK}")
_STYLES = {"*": Style.BOLD, "_": Style.ITALIC, "~": Style.STRIKE}

_MARKS = {style: mark for mark, style in _STYLES.items()}
_MEANING = re.compile(r"(?<![^\W_])[*_~](?!\s)|(?<!\s)[*_~](?![^\W_])")
_PING = re.compile(r"(?<=@)(?=here|channel|everyone)", re.IGNORECASE)
_LIKE_LINE = re.compile(r">|[•◦▪] ")
_LIKE_BACKTICK = "\u02cb"


def parse_slack(text: str, resolver: Resolver) -> Document:
    """Return what a mrkdwn text says, people and channels under their names on the hub."""
    return tidy.document(_Reader(resolver).blocks(words.clean(text).replace(_PLACE, "")))


def render_slack(document: Document, resolver: Resolver) -> str:
    """Return a document as mrkdwn; it addresses nobody but whom `resolver` knows."""
    return _Writer(resolver).blocks(document.blocks)


def entity(text: str, resolver: Resolver, style: Style = Style.PLAIN) -> Leaf:
    """Return what stands in angle brackets as a leaf."""
    body, _, label = text.partition("|")
    label = unescaped(label)
    kind, rest = body[:1], body[1:]
    if kind == "@":
        name = resolver.name_of(rest)
        return Mention(name, style) if name else Text(label or "somebody", style)
    if kind == "#":
        channel = resolver.channel_name_of(rest) or label
        return ChannelLink(channel, style) if channel else Text("a channel", style)
    if kind == "!":
        word = rest.partition("^")[0]
        return Mention(word, style) if word in EVERYBODY else Text(label.removeprefix("@") or word, style)
    return link(unescaped(body), label, style)


def link(url: str, label: str, style: Style) -> Leaf:
    """Return a link, or its words where no link may lead."""
    if not words.is_address(url):
        return Text(label or url, style)
    return Link(url, label or url.removeprefix("mailto:"), style)


def unescaped(text: str) -> str:
    """Return text without its escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escaped(text: str) -> str:
    """Return text in which nothing is an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Reader:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def blocks(self, text: str) -> Iterator[Block]:
        done = 0
        for fence in _FENCE.finditer(text):
            if fence[1].strip():
                yield from self._lines(text[done : fence.start()].split("\n"))
                yield Pre(unescaped(_PIECE.sub(self._in_code, fence[1])))
                done = fence.end()
        yield from self._lines(text[done:].split("\n"))

    def _in_code(self, match: re.Match[str]) -> str:
        return escaped(tidy.plain([entity(match["entity"], self._resolver)])) if match["entity"] else match.group()

    def _lines(self, lines: list[str]) -> Iterator[Block]:
        """Yield runs of lines of one kind: quoted, listed, or neither."""
        row: list[str] = []
        kind: re.Pattern[str] | None = None
        for line in [*lines, None]:
            own = None if line is None else next((it for it in (_QUOTED, _BULLET) if it.match(line)), None)
            if row and (line is None or own is not kind):
                yield self._run(row, kind)
                row = []
            if line is not None:
                row.append(own.sub("", line, count=1) if own else line)
            kind = own

    def _run(self, lines: list[str], kind: re.Pattern[str] | None) -> Block:
        if kind is _BULLET:
            return Items(tuple((Paragraph(tuple(self._line(line))),) for line in lines))
        inlines = [leaf for line in lines for leaf in (LineBreak(), *self._line(line))][1:]
        return Quote((Paragraph(tuple(inlines)),)) if kind is _QUOTED else Paragraph(tuple(inlines))

    def _line(self, line: str) -> list[Inline]:
        """Return the leaves of a line: its marks are read with a placeholder in place of each piece."""
        pieces: list[Leaf] = []

        def put(match: re.Match[str]) -> str:
            leaf = self._piece(match)
            if leaf is None:
                return match.group()
            pieces.append(leaf)
            return _PLACE

        shadow = _PIECE.sub(put, line)
        found: list[Inline] = []
        rest = iter(pieces)
        for text, style in _styled(shadow):
            for number, words_between in enumerate(text.split(_PLACE)):
                if number:
                    found.append(replace(next(rest), style=style))
                found.append(Text(_LITERAL.sub("", unescaped(words_between)), style))
        return words.leaves(tidy.joined(found))

    def _piece(self, match: re.Match[str]) -> Leaf | None:
        if match["code"]:
            return Code(unescaped(match["code"]))
        if match["entity"]:
            return entity(match["entity"], self._resolver)
        emoji = unicode_of(match["emoji"])
        return Text(emoji) if emoji else None


def _styled(line: str) -> Iterator[tuple[str, Style]]:
    """Yield the pieces of a line between marks, each with its style; a mark counts if its counterpart follows."""
    closers = {mark: [it.start() for it in _CLOSER.finditer(line) if it.group() == mark] for mark in _STYLES}
    style, done = Style.PLAIN, 0
    for match in _ANY_MARK.finditer(line):
        mark, place = match.group(), match.start()
        own = closers[mark]
        if _STYLES[mark] in style:
            counts = bool(_CLOSER.match(line, place))
        else:
            counts = bool(_OPENER.match(line, place)) and bisect_right(own, place + 1) < len(own)
        if counts:
            yield line[done:place], style
            style, done = style ^ _STYLES[mark], place + 1
    yield line[done:], style


class _Writer(writing.Writer):
    marks = _MARKS
    bullet = "•"

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def text(self, leaves: Sequence[Leaf], place: int, text: str) -> str:
        """Return words that are neither marks, entities, mentions nor the beginning of a quote or list."""
        begins = place == 0 and leaves[0].style is Style.PLAIN  # else a mark stands before it
        return (writing.BREAK if begins and _LIKE_LINE.match(text) else "") + _text(text)

    def code(self, text: str) -> str:
        """Return code; Slack knows no backticks in it."""
        return f"`{escaped(text.replace('`', _LIKE_BACKTICK))}`"

    def link(self, leaves: Sequence[Leaf], place: int, link: Link) -> str:
        """Return a link; its words stand for it where they do not deceive."""
        url = escaped(link.url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))
        if link.text == link.url:
            return f"<{url}>"
        return f"<{url}|{escaped(link.text)}>" if writing.honest(link) else f"{_text(link.text)} (<{url}>)"

    def mention(self, name: str) -> str:
        """Return a mention of a user of Slack."""
        user = self._resolver.user_of(name.lower())
        return f"<@{user}>" if user else _text(writing.quiet(name))

    def channel(self, name: str) -> str:
        """Return a channel of Slack."""
        channel = self._resolver.channel_of(name.lower())
        return f"<#{channel}>" if channel else f"#{name}"

    def emoji(self, name: str) -> str:
        """Return an emoji by its name, as Slack knows all of them."""
        return f":{name}:"

    def pre(self, block: Pre) -> str:
        """Return a fence; what would end it within is kept apart."""
        return f"```\n{escaped(block.text.replace('```', f'`{writing.BREAK}``'))}\n```"


def _text(text: str) -> str:
    shown = _MEANING.sub(rf"\g<0>{writing.BREAK}", text).replace("`", _LIKE_BACKTICK)
    return escaped(_PING.sub(writing.BREAK, shown))
