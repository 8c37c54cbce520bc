"""Mapping of message rows, which several nouns return."""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

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
"""Taken in one step and passed by position: pages of the past have many rows."""


def message_of(row: Row, prefix: str = "") -> Message:
    """Map a row whose message columns start with `prefix`."""
    (
        message_id,
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
    ) = _picked(prefix)(row)
    return Message(
        message_id,
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
        _origin(platform, verified=bool(verified)),
        hops,
        author_display,
    )


@lru_cache
def _picked(prefix: str) -> Callable[[Row], tuple[Any, ...]]:
    """Return what takes a message's columns from a row."""
    return itemgetter(*[prefix + column for column in _COLUMNS])


@lru_cache
def _origin(platform: str, *, verified: bool) -> Origin:
    """Return one origin for all messages that share it."""
    return Origin(platform, verified)
