"""Mapping of message rows, which several nouns return."""

import orjson

from airchat.protocol.messages import Message, Origin
from store.sql.session import Row


def message_of(row: Row, prefix: str = "") -> Message:
    """Map a row whose message columns start with `prefix`."""
    return Message(
        id=row[prefix + "id"],
        channel_id=row[prefix + "channel_id"],
        number=row[prefix + "number"],
        author_id=row[prefix + "author_id"],
        author_name=row[prefix + "author_name"],
        content=row[prefix + "content"],
        created_at=row[prefix + "created_at"],
        metadata=orjson.loads(row[prefix + "metadata"]),
        parent_id=row[prefix + "parent_id"],
        pinned=bool(row[prefix + "pinned"]),
        edited_at=row[prefix + "edited_at"],
        deleted_at=row[prefix + "deleted_at"],
        origin=Origin(row[prefix + "platform"], bool(row[prefix + "verified"])),
        hops=row[prefix + "hops"],
        author_display=row[prefix + "author_display"],
    )
