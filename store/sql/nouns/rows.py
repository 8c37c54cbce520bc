"""Mapping of message rows, which several nouns return."""

from functools import lru_cache

import orjson

from airchat.protocol.messages import Message, Origin
from store.sql.session import Row

_COLUMNS = (
    "id",
    "channel_id",
    "number",
    "author_id",
    "author_name",
    "content",
    "created_at",
    "metadata",
    "parent_id",
    "pinned",
    "edited_at",
    "deleted_at",
    "platform",
    "verified",
    "hops",
    "author_display",
)


def message_of(row: Row, prefix: str = "") -> Message:
    """Map a row whose message columns start with `prefix`."""
    (
        id,
        channel_id,
        number,
        author_id,
        author_name,
        content,
        created_at,
        metadata,
        parent_id,
        pinned,
        edited_at,
        deleted_at,
        platform,
        verified,
        hops,
        author_display,
    ) = [row[name] for name in _names(prefix)]
    return Message(
        id,
        channel_id,
        number,
        author_id,
        author_name,
        content,
        created_at,
        {} if metadata == "{}" else orjson.loads(metadata),
        parent_id,
        bool(pinned),
        edited_at,
        deleted_at,
        _origin(platform, bool(verified)),
        hops,
        author_display,
    )


@lru_cache
def _names(prefix: str) -> tuple[str, ...]:
    """Return the names of a message's columns, in the order of its fields."""
    return tuple(prefix + name for name in _COLUMNS)


@lru_cache
def _origin(platform: str, verified: bool) -> Origin:  # noqa: FBT001 - a column
    """Return one origin for all messages that share it."""
    return Origin(platform, verified)
