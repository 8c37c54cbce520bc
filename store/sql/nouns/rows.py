"""Mapping of message rows, which several nouns return."""

from functools import lru_cache
from typing import Any

import orjson

from airchat.protocol.messages import Message, Origin
from store.sql.session import Row

_AS_THEY_ARE = (
    "id",
    "channel_id",
    "number",
    "author_id",
    "author_name",
    "author_display",
    "content",
    "created_at",
    "parent_id",
    "edited_at",
    "deleted_at",
    "hops",
)


def message_of(row: Row, prefix: str = "") -> Message:
    """Map a row whose message columns start with `prefix`."""
    fields: dict[str, Any] = {name: row[column] for name, column in _columns(prefix)}
    metadata = row[prefix + "metadata"]
    return Message(
        **fields,
        metadata={} if metadata == "{}" else orjson.loads(metadata),
        pinned=bool(row[prefix + "pinned"]),
        origin=_origin(row[prefix + "platform"], verified=bool(row[prefix + "verified"])),
    )


@lru_cache
def _columns(prefix: str) -> list[tuple[str, str]]:
    """Return the fields of a message that are as their columns, each with its column."""
    return [(name, prefix + name) for name in _AS_THEY_ARE]


@lru_cache
def _origin(platform: str, *, verified: bool) -> Origin:
    """Return one origin for all messages that share it."""
    return Origin(platform, verified)
