"""Discord's Markdown: CommonMark's marks without its paragraphs, and entities for users, channels, emoji and times.

https://docs.discord.com/developers/reference#message-formatting

Underlining is read as italics, headings as bold, small print as text; spoilers keep their bars.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from hub.relay.markup import markdown, tidy, words, writing
from hub.relay.markup.emoji import unicode_of
from hub.relay.markup.resolver import Resolver
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    CustomEmoji,
    Document,
    Inline,
    Leaf,
    Link,
    Mention,
    Pre,
    Style,
    Text,
)

_ENTITY = re.compile(
    r"<(?:@!?(?P<user>\d+)|\#(?P<channel>\d+)|@&(?P<role>\d+)|a?:(?P<emoji>\w+):\d+"
    r"|t:(?P<time>-?\d{1,12})(?::[A-Za-z])?|/(?P<command>[^<>:\n]{1,100}):\d+|id:(?P<place>\w+))>"
)
_FENCE = re.compile(r"(?:^> )?```(?:([\w+#.-]+)\n)?(.*?)```", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"(?P<quote>> )|(?P<heading>#{1,3} )|(?P<item>\s*(?:[-*]|\d{1,9}\.) )|(?P<small>-# )")
_STYLES = {"**": Style.BOLD, "__": Style.ITALIC, "*": Style.ITALIC, "_": Style.ITALIC, "~~": Style.STRIKE}

_MARKS = {Style.BOLD: "**", Style.ITALIC: "*", Style.STRIKE: "~~"}
_MEANING = re.compile(r"[\\*_~`|\[\]<>]")
_LINE_START = re.compile(r"\A(?:(?P<number>\d{1,9})(?=\.\s)|(?=\#{1,3}\s|[-+]))")
_NO_LANGUAGE = re.compile(r"[^A-Za-z0-9_+#.-]")
_PING = re.compile(r"(?<=@)(?=everyone|here)|(?<=<)(?=[@#:/]|a:|t:|id:)")


def parse_discord(text: str, resolver: Resolver) -> Document:
    """Return what a message on Discord says, people and channels under their names on the hub."""
    blocks: list[Block] = []
    done = 0
    text = words.clean(text)

    def read(piece: str) -> None:
        blocks.extend(markdown.blocks(_PARSER, _separated(piece), _STYLES, lambda *token: _special(resolver, *token)))

    for fence in _FENCE.finditer(text):
        if fence[2].strip():
            read(text[done : fence.start()])
            blocks.append(Pre(fence[2], fence[1] or ""))
            done = fence.end()
    read(text[done:])
    return tidy.document(blocks)


def render_discord(document: Document, resolver: Resolver) -> str:
    """Return a document as Discord reads it; it addresses nobody but whom `resolver` knows."""
    return _Writer(resolver).blocks(document.blocks)


def _separated(text: str) -> str:
    """Return lines with a blank one wherever Discord ends what CommonMark would go on with."""
    lines: list[str] = []
    before = None
    rest_is_quote = False
    for line in text.split("\n"):
        if line.startswith(">>> "):
            rest_is_quote, line = True, line[4:]  # noqa: PLW2901 - the mark is no part of it
        shown = f"> {line}" if rest_is_quote else line
        match = _LINE.match(shown)
        kind = match.lastgroup if match else "more" if before == "item" and shown.startswith(" ") else None
        if kind != before and not (before == "item" and kind == "more"):
            lines.append("")
        lines.append(shown.removeprefix("-# "))
        before = "item" if kind == "more" else kind
    return "\n".join(lines)


def _entity(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as the parser calls it
    match = _ENTITY.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("entity", "", 0)
        token.content = match.group()
    state.pos = match.end()
    return True


def _special(resolver: Resolver, token: Token, style: Style) -> Iterator[Inline]:
    """Yield what an entity stands for."""
    match = _ENTITY.match(token.content)
    kind = match.lastgroup if match else None
    value = match[kind] if match and kind else ""
    match kind:
        case "user":
            name = resolver.name_of(value)
            yield Mention(name, style) if name else Text("somebody", style)
        case "channel":
            name = resolver.channel_name_of(value)
            yield ChannelLink(name, style) if name else Text("a channel", style)
        case "role":
            name = resolver.name_of(f"&{value}")
            yield Mention(name, style) if name else Text("a role", style)
        case "emoji":
            yield CustomEmoji(value, style)
        case "time":
            yield Text(_time(int(value)), style)
        case "command":
            yield Text(f"/{value}", style)
        case _:
            yield Text(value, style)


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return str(seconds)


class _Writer(writing.Writer):
    marks = _MARKS

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def text(self, leaves: Sequence[Leaf], place: int, text: str) -> str:
        """Return words, escaped wherever they could mean something; readers do not see that."""
        return _text(text) if place else _LINE_START.sub(r"\g<number>\\", _text(text))

    def code(self, text: str) -> str:
        """Return code; two backticks in a row are kept apart."""
        if "`" not in text:
            return f"`{text}`"
        apart = re.sub("`(?=`)", f"`{writing.BREAK}", text)
        return f"`` {apart} ``"

    def link(self, leaves: Sequence[Leaf], place: int, link: Link) -> str:
        """Return a link; its words stand for it where Discord lets them and they do not deceive."""
        if writing.bare(link):
            return link.url if link.text == link.url else _text(link.text)
        if not link.url.lower().startswith("http") or not writing.honest(link):
            return f"{_text(link.text)} ({link.url})"
        target = f"<{link.url}>" if "(" in link.url or ")" in link.url else link.url
        return f"[{_text(link.text)}]({target})"

    def mention(self, name: str) -> str:
        """Return a mention of a user of Discord."""
        user = self._resolver.user_of(name.lower())
        return f"<@{user}>" if user else _text(writing.quiet(name))

    def channel(self, name: str) -> str:
        """Return a channel of Discord."""
        channel = self._resolver.channel_of(name.lower())
        return f"<#{channel}>" if channel else f"#{name}"

    def emoji(self, name: str) -> str:
        """Return an emoji of the server or of Unicode."""
        return self._resolver.emoji_of(name) or unicode_of(name) or _text(f":{name}:")

    def pre(self, block: Pre) -> str:
        """Return a fence; what would end it within is kept apart."""
        fenced = block.text.replace("```", f"`{writing.BREAK}``")
        return f"```{_NO_LANGUAGE.sub('', block.language)}\n{fenced}\n```"


def _text(text: str) -> str:
    return _MEANING.sub(r"\\\g<0>", _PING.sub(writing.BREAK, text))


def _parser() -> MarkdownIt:
    made = markdown.parser(enable=[], disable=["hr", "fence", "entity", "image"])
    made.inline.ruler.before("autolink", "discord", _entity)
    return made


_PARSER = _parser()
