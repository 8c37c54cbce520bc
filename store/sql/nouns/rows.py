"""Mapping of message rows, which several nouns return."""

from collections.abc import Callable, Sequence
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
    return _message(_picked(prefix, None)(row))


def messages_of(rows: Sequence[Row], prefix: str = "") -> list[Message]:
    """Map the rows of one result whose message columns start with `prefix`."""
    if not rows:
        return []
    pick = _picked(prefix, None if isinstance(rows[0], dict) else tuple(rows[0].keys()))
    return [_message(pick(row)) for row in rows]


def _message(columns: tuple[Any, ...]) -> Message:
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
    ) = columns
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
def _picked(prefix: str, names: tuple[str, ...] | None) -> Callable[[Row], tuple[Any, ...]]:
    """Return what takes a message's columns from a row: by place where the names of all columns are known.

    SQLite's rows look for a name among all of theirs, each time.
    """
    columns = [prefix + column for column in _COLUMNS]
    return itemgetter(*(columns if names is None else map(names.index, columns)))


@lru_cache
def _origin(platform: str, *, verified: bool) -> Origin:
    """Return one origin for all messages that share it."""
    return Origin(platform, verified)
