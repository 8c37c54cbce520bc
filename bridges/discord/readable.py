"""What a message shows beside its text, put in words: embeds, stickers, polls, what was forwarded.

The words are Discord's Markdown, as the text is.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Body = dict[str, Any]

THREAD_BEGAN = 18
SAID = frozenset({0, 19, 20, 23})
"""Types of messages that somebody wrote; the others are notices of Discord's."""

_LINK_EMBEDS = frozenset({"link", "image", "video", "gifv", "article"})
_STICKERS = "https://media.discordapp.net/stickers"
_NO_PICTURE = 3
_GIF = 4


def text_of(body: Body) -> str:
    """Return all that a message says."""
    if body["type"] == THREAD_BEGAN:
        return f"started a thread: **{escaped(str(body.get('content') or ''))}**"
    parts = [str(body.get("content") or "")]
    parts += _forwarded(body)
    parts += [embed for it in body.get("embeds") or [] if (embed := _embed(it))]
    parts += [_sticker(it) for it in body.get("sticker_items") or []]
    if body.get("poll"):
        parts.append(_poll(body["poll"]))
    return "\n".join(part for part in parts if part.strip())


def files_of(body: Body) -> Iterator[Body]:
    """Yield the attachments of a message, and of what it forwards."""
    yield from body.get("attachments") or []
    for snapshot in _snapshots(body):
        yield from snapshot.get("attachments") or []


def escaped(text: str) -> str:
    """Return words in which nothing is markup."""
    return "".join(f"\\{one}" if one in "\\*_~`|[]<>#" else one for one in text)


def _snapshots(body: Body) -> list[Body]:
    return [it.get("message") or {} for it in body.get("message_snapshots") or []]


def _forwarded(body: Body) -> Iterator[str]:
    for snapshot in _snapshots(body):
        text = text_of({"type": 0} | snapshot)
        quoted = "\n".join(f"> {line}" for line in text.splitlines())
        yield f"forwarded:\n{quoted}" if quoted else "forwarded:"


def _embed(embed: Body) -> str:
    """Return an embed; a preview of a link that the text shows anyway says nothing new."""
    if embed.get("type", "rich") in _LINK_EMBEDS:
        return ""
    author, title, url = (embed.get("author") or {}).get("name"), embed.get("title"), embed.get("url")
    lines = [escaped(author) if author else ""]
    if title:
        lines.append(f"**{escaped(title)}**" + (f" {url}" if url else ""))
    lines.append(embed.get("description") or "")
    lines += [f"**{escaped(it['name'])}**: {it['value']}" for it in embed.get("fields") or []]
    lines.append((embed.get("image") or {}).get("url") or "")
    lines.append(escaped((embed.get("footer") or {}).get("text") or ""))
    return "\n".join(line for line in lines if line)


def _sticker(sticker: Body) -> str:
    name, kind = escaped(str(sticker["name"])), sticker.get("format_type")
    if kind == _NO_PICTURE:
        return f"(sticker: {name})"
    return f"(sticker: {name}) {_STICKERS}/{sticker['id']}.{'gif' if kind == _GIF else 'png'}"


def _poll(poll: Body) -> str:
    question = escaped(str((poll.get("question") or {}).get("text") or ""))
    return "\n".join([f"Poll: **{question}**", *_answers(poll.get("answers") or [])])


def _answers(answers: Iterable[Body]) -> Iterator[str]:
    for answer in answers:
        media = answer.get("poll_media") or {}
        emoji = (media.get("emoji") or {}).get("name")
        yield f"- {f'{emoji} ' if emoji else ''}{escaped(str(media.get('text') or ''))}"
