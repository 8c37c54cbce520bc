"""Slack's `rich_text` blocks: what its clients write, and the way of posting in which no text can mean anything else.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

Lists are flat there, each with its depth; quotes and items hold lines only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, takewhile
from typing import Any

from hub.relay.markup import slack, tidy, words, writing
from hub.relay.markup.emoji import unicode_of
from hub.relay.markup.resolver import Resolver
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    CustomEmoji,
    Document,
    Inline,
    Items,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
)

Json = dict[str, Any]

_STYLES = {"bold": Style.BOLD, "italic": Style.ITALIC, "strike": Style.STRIKE, "underline": Style.ITALIC}
_WRITTEN = {Style.BOLD: "bold", Style.ITALIC: "italic", Style.STRIKE: "strike"}
_DEEPEST = 8
"""Slack's deepest list, counted from 0."""


def parse_rich_text(blocks: Sequence[Mapping[str, Any]], resolver: Resolver) -> Document:
    """Return what `rich_text` blocks say, people and channels under their names on the hub; other blocks are skipped.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: a block is not as Slack documents it.
    """
    elements = [it for block in blocks if block.get("type") == "rich_text" for it in block["elements"]]
    return tidy.document(_Reader(resolver).blocks(elements))


def render_rich_text(document: Document, resolver: Resolver) -> list[Json]:
    """Return a document as blocks; they address nobody but whom `resolver` knows."""
    elements = list(_Writer(resolver).elements(document.blocks))
    return [{"type": "rich_text", "elements": elements}] if elements else []


class _Reader:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def blocks(self, elements: Iterable[Json]) -> Iterator[Block]:
        lists: list[Json] = []
        for element in elements:
            if element["type"] == "rich_text_list":
                lists.append(element)
                continue
            yield from self._lists(lists, 0)
            lists = []
            yield self._block(element)
        yield from self._lists(lists, 0)

    def _block(self, element: Json) -> Block:
        match element["type"]:
            case "rich_text_preformatted":
                code = tidy.plain(self._leaves(element["elements"]))
                return Pre(words.clean(code), str(element.get("language") or ""))
            case "rich_text_quote":
                return Quote((Paragraph(self._row(element)),))
        return Paragraph(self._row(element))

    def _lists(self, elements: Sequence[Json], depth: int) -> list[Items]:
        """Return lists; those that are deeper belong to the item before them."""
        found: list[Items] = []
        place = 0
        while place < len(elements):
            deeper = list(takewhile(lambda it: _depth(it) > depth, elements[place:]))
            if deeper:
                inner = tuple(self._lists(deeper, depth + 1))
                if found:
                    *items, last = found[-1].items
                    found[-1] = replace(found[-1], items=(*items, last + inner))
                else:
                    found += inner
                place += len(deeper)
                continue
            self._add(found, elements[place])
            place += 1
        return found

    def _add(self, found: list[Items], element: Json) -> None:
        """Add a list, or its items to the last one if it goes on with it."""
        items = tuple((Paragraph(self._row(item)),) for item in element["elements"])
        first = int(element.get("offset") or 0) + 1 if element.get("style") == "ordered" else None
        last = found[-1] if found else None
        if last is not None and first == (None if last.first is None else last.first + len(last.items)):
            found[-1] = replace(last, items=last.items + items)
        else:
            found.append(Items(items, first))

    def _row(self, element: Json) -> tuple[Inline, ...]:
        return tuple(words.leaves(tidy.joined(self._leaves(element["elements"]))))

    def _leaves(self, elements: Iterable[Json]) -> Iterator[Inline]:
        for element in elements:
            marks = element.get("style") or {}
            style = Style.PLAIN
            for name, one in _STYLES.items():
                style |= one if marks.get(name) else Style.PLAIN
            yield self._leaf(element, style, code=bool(marks.get("code")))

    def _leaf(self, element: Json, style: Style, *, code: bool) -> Inline:  # noqa: PLR0911 - one for each kind
        match element["type"]:
            case "text":
                text = words.clean(element["text"])
                return Code(text, style) if code else Text(text, style)
            case "link":
                return slack.link(element["url"], words.clean(element.get("text") or ""), style)
            case "user":
                return slack.entity(f"@{element['user_id']}", self._resolver, style)
            case "channel":
                return slack.entity(f"#{element['channel_id']}", self._resolver, style)
            case "usergroup":
                name = self._resolver.name_of(element["usergroup_id"])
                return Mention(name, style) if name else Text("a group", style)
            case "broadcast":
                return Mention(element["range"], style)
            case "emoji":
                tone = f"::skin-tone-{element['skin_tone']}" if element.get("skin_tone") else ""
                emoji = unicode_of(element["name"] + tone)
                return Text(emoji, style) if emoji else CustomEmoji(element["name"], style)
        return Text(
            words.clean(str(element.get("fallback") or element.get("value") or element.get("text") or "")), style
        )


class _Writer:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def elements(self, blocks: Iterable[Block]) -> Iterator[Json]:
        """Yield the elements that blocks are; paragraphs that follow each other are one."""
        row: list[Inline] = []
        for block in blocks:
            if isinstance(block, Paragraph):
                row += [LineBreak(), LineBreak(), *block.inlines] if row else block.inlines
                continue
            if row:
                yield self._section(row)
                row = []
            yield from self._element(block)
        if row:
            yield self._section(row)

    def _element(self, block: Block) -> Iterator[Json]:
        match block:
            case Pre(text):
                yield {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
            case Quote(blocks):
                yield {"type": "rich_text_quote", "elements": self._leaves(_folded(blocks))}
            case Items():
                yield from self._list(block, 0)

    def _list(self, block: Items, depth: int) -> Iterator[Json]:
        rows: list[Json] = []
        for number, item in enumerate(block.items, 1):
            lines = list(takewhile(lambda it: isinstance(it, Paragraph), item))
            rows += [self._section(_folded(lines))] if lines else []
            inner = item[len(lines) :]
            if rows and (inner or number == len(block.items)):
                yield _flat(block, rows, depth, number - len(rows))
                rows = []
            for one in inner:
                if isinstance(one, Items):
                    yield from self._list(one, min(depth + 1, _DEEPEST))
                else:
                    yield from self.elements([one])

    def _section(self, inlines: Iterable[Inline]) -> Json:
        return {"type": "rich_text_section", "elements": self._leaves(inlines)}

    def _leaves(self, inlines: Iterable[Inline]) -> list[Json]:
        written: list[Json] = []
        for inline in inlines:
            leaf = self._leaf(inline)
            last = written[-1] if written else {}
            if leaf["type"] == last.get("type") == "text" and leaf.get("style") == last.get("style"):
                last["text"] += leaf["text"]
            else:
                written.append(leaf)
        return written

    def _leaf(self, inline: Inline) -> Json:
        if isinstance(inline, LineBreak):
            return {"type": "text", "text": "\n"}
        style = {name: True for one, name in _WRITTEN.items() if one in inline.style}
        if isinstance(inline, Code):
            style["code"] = True
        return self._content(inline) | ({"style": style} if style else {})

    def _content(self, inline: Inline) -> Json:
        match inline:
            case Link(url, text) if writing.honest(inline):
                return {"type": "link", "url": url} | ({"text": text} if text != url else {})
            case Link(url, text):
                return {"type": "text", "text": f"{text} ({url})"}
            case Mention(name):
                user = self._resolver.user_of(name.lower())
                return {"type": "user", "user_id": user} if user else {"type": "text", "text": writing.quiet(name)}
            case ChannelLink(name) if channel := self._resolver.channel_of(name.lower()):
                return {"type": "channel", "channel_id": channel}
            case CustomEmoji(name) if unicode_of(name) or self._resolver.emoji_of(name):
                return {"type": "emoji", "name": name}
        return {"type": "text", "text": tidy.plain([inline])}


def _depth(element: Json) -> int:
    return min(int(element.get("indent") or 0), _DEEPEST)


def _flat(block: Items, rows: list[Json], depth: int, done: int) -> Json:
    """Return rows of a list as an element; `done` items of it came before."""
    element = {"type": "rich_text_list", "style": "bullet", "indent": depth, "elements": rows}
    if block.first is not None:
        element |= {"style": "ordered", "offset": max(0, block.first - 1 + done)}
    return element


def _folded(blocks: Iterable[Block]) -> list[Inline]:
    """Return blocks as lines."""
    found: list[Inline] = []
    last: Block | None = None
    for block in blocks:
        if last is not None:
            found += (
                [LineBreak(), LineBreak()]
                if isinstance(last, Paragraph) == isinstance(block, Paragraph)
                else [LineBreak()]
            )
        last = block
        match block:
            case Paragraph(inlines):
                found += inlines
            case Pre(text):
                found += [it for line in text.split("\n") for it in (LineBreak(), Code(line))][1:]
            case Quote(inner):
                found += [Text("> "), *_folded(inner)]
            case Items(items, first):
                marks = ("• " if first is None else f"{number}. " for number in count(first or 0))
                marked = zip(marks, items, strict=False)
                found += [it for mark, item in marked for it in (LineBreak(), Text(mark), *_folded(item))][1:]
    return found
