"""A digest of what an agent has not read: who said how much where, what concerns it, and links to all of it.

It has a fixed size however much there is: what matters most comes first, and the rest is counted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from airchat import Mention, Message
from airchat.boundary import cut, plain
from airchat.text import Row, moment, source

LONGEST = 1_250
"""Tokens of a digest, by the estimate of `_cost`, which errs on the high side."""

_PIECES = re.compile(r"[A-Za-z]{1,5}|[0-9]{1,3}|[!-/:-@\[-`{-~]+|[^\x00-\x7f]")
_CUT = 100
_DEAR = 80
"""Tokens that the beginning of one text may cost."""
_LINES = 15
_AUTHORS = 4


@dataclass(frozen=True, slots=True)
class Unread:
    """A channel with `count` messages numbered above `after` that were not read; `messages` are the newest of them."""

    channel: str
    count: int
    after: int
    messages: Sequence[Message]


class _Room:
    """Takes rows as long as there is room for them."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, rows: Iterable[Row], *, keep: float = 0.0) -> list[Row]:
        """Return the first of the rows, as many as there is room for; a part of all room is kept for what follows."""
        taken = []
        for row in rows:
            size = _cost(row)
            if size > self.left - keep * LONGEST:
                break
            self.left -= size
            taken.append(row)
        return taken


def digest(unread: Sequence[Unread], mentions: Sequence[Mention]) -> Row:
    """Return `{"unread", "for_you", "channels", "threads", "newest"}`, each list with its most important rows."""
    ranked = sorted(unread, key=_count, reverse=True)
    messages = [(one.channel, message) for one in ranked for message in one.messages]
    room = _Room(LONGEST)
    found: dict[str, Any] = {"unread": sum(map(_count, ranked))}
    found["for_you"] = room.take(map(_mention_row, mentions), keep=0.6)
    found["channels"] = room.take(map(_channel_row, ranked[:_LINES]), keep=0.25)
    found["threads"] = room.take(_threads(messages), keep=0.1)
    found["newest"] = room.take(_newest(messages))
    hidden = {"for_you": len(mentions), "channels": len(ranked)}
    more = {name: total - len(found[name]) for name, total in hidden.items() if total > len(found[name])}
    return {name: value for name, value in found.items() if value != []} | ({"more": more} if more else {})


def channel_uri(channel: str, after: int) -> str:
    """Return the resource with a channel's messages above a number."""
    return f"chat://channel/{channel}?after={after}"


def _cost(row: Row) -> int:
    """Return about how many tokens a row costs: identifiers cost more than words, other scripts more than Latin."""
    return len(_PIECES.findall(plain(row))) + 1


def _beginning(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, fewer where they are dear."""
    while limit > 1 and _cost({"": text[:limit]}) > _DEAR:
        limit //= 2
    return cut(text, limit)


def _count(unread: Unread) -> int:
    return unread.count


def _channel_row(unread: Unread) -> Row:
    authors = Counter(message.author_name or "?" for message in unread.messages)
    named = [f"{name} {count}" for name, count in authors.most_common(_AUTHORS)]
    if len(authors) > _AUTHORS:
        named.append(f"{len(authors) - _AUTHORS} others")
    times = [message.created_at for message in unread.messages]
    span = {"since": moment(min(times))} if times else {}
    row = {"channel": unread.channel, "unread": unread.count, "by": ", ".join(named)}
    return row | span | {"uri": channel_uri(unread.channel, unread.after)}


def _threads(messages: Sequence[tuple[str, Message]]) -> Iterable[Row]:
    """Yield the threads, the longest first, with what began them or else what was said last."""
    lengths = Counter(message.parent_message_id for _, message in messages if message.parent_message_id)
    shown = {message.parent_message_id: (channel, message) for channel, message in messages}
    shown |= {message.id: (channel, message) for channel, message in messages if message.id in lengths}
    for thread, count in lengths.most_common(_LINES):
        channel, message = shown[thread]
        yield {"thread": thread, "channel": channel, "new_answers": count} | _said(message)


def _newest(messages: Sequence[tuple[str, Message]]) -> Iterable[Row]:
    for channel, message in sorted(messages, key=_moment, reverse=True):
        yield {"id": message.id, "channel": channel} | _said(message)


def _moment(message: tuple[str, Message]) -> str:
    return message[1].created_at


def _said(message: Message) -> Row:
    return {
        "author": message.author_name,
        "trust": source(message.trust, message.platform),
        "content": _beginning(message.content, _CUT),
    }


def _mention_row(mention: Mention) -> Row:
    return {
        "message_id": mention.message_id,
        "channel": mention.channel,
        "author": mention.from_agent,
        "trust": source(mention.trust, mention.platform),
        "content": _beginning(mention.content, _CUT * 2),
    }
