"""Pages of history (https://docs.slack.dev/reference/methods/conversations.history)."""

import base64
from dataclasses import dataclass
from typing import TypeVar

from .channels import Channel, micros
from .errors import SlackError
from .messages import Message

Item = TypeVar("Item")


@dataclass(slots=True, frozen=True)
class Window:
    """Bounds of a read as the client gave them; empty strings mean unbounded."""

    oldest: str = ""
    latest: str = ""
    inclusive: bool = False

    def holds(self, ts: str) -> bool:
        """Whether a message of this ts lies inside; raises ``invalid_ts_oldest``/``_latest``."""
        value, edge = micros(ts), int(self.inclusive)
        low, high = self._bound("oldest"), self._bound("latest")
        return (low is None or value > low - edge) and (high is None or value < high + edge)

    def _bound(self, name: str) -> int | None:
        text: str = getattr(self, name)
        try:
            return micros(text) if text else None
        except ValueError as error:
            raise SlackError(f"invalid_ts_{name}") from error


@dataclass(slots=True, frozen=True)
class Page:
    """Some messages, and the cursor of the next page (empty on the last)."""

    messages: list[Message]
    next_cursor: str


def channel_page(channel: Channel, window: Window, limit: int, cursor: str) -> Page:
    """Messages of a channel without thread replies, **newest first**."""
    found = [message for message in channel.messages.values() if message.in_channel and window.holds(message.ts)]
    found.reverse()
    if cursor:
        mark = _decode(cursor)
        found = [message for message in found if micros(message.ts) < mark]
    return _cut(found, limit)


def thread_page(channel: Channel, ts: str, window: Window, limit: int, cursor: str) -> Page:
    """A thread, oldest first: the root (on the first page, whatever the window), then the replies.

    A ts that is itself a reply gives only that message; raises ``thread_not_found``.
    """
    root = channel.messages.get(ts)
    if root is None:
        raise SlackError("thread_not_found")
    replies = [reply for reply in root.replies if window.holds(reply.ts)]
    if cursor:
        mark = _decode(cursor)
        return _cut([reply for reply in replies if micros(reply.ts) > mark], limit)
    return _cut([root, *replies], limit)


def _cut(found: list[Message], limit: int) -> Page:
    page = found[:limit]
    more = len(found) > limit
    return Page(page, encode_cursor("ts", micros(page[-1].ts)) if more and page else "")


def encode_cursor(kind: str, value: int) -> str:
    """An opaque cursor; clients must not read it."""
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def list_page(found: list[Item], limit: int, cursor: str) -> tuple[list[Item], str]:
    """A page of something without timestamps (channels, users, members), and its next cursor."""
    start = _decode(cursor, "offset") if cursor else 0
    end = start + limit
    return found[start:end], encode_cursor("offset", end) if end < len(found) else ""


def _decode(cursor: str, expected: str = "ts") -> int:
    try:
        kind, _, value = base64.b64decode(cursor, validate=True).decode().partition(":")
        number = int(value)
    except ValueError as error:
        raise SlackError("invalid_cursor") from error
    if kind != expected:
        raise SlackError("invalid_cursor")
    return number
