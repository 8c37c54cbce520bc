"""Messages and what hangs on them: revisions, reactions, mentions, and the draft that becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from airchat.protocol.record import record


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from, set by the hub and never by a client."""

    platform: str = "hub"
    verified: bool = True


FROM_HUB = Origin()
"""The origin of what was written on the hub itself."""

UNFINISHED = "unfinished"
"""Metadata: while it is true, the text tells how far its author is, and an edit will put another in its place."""


def is_unfinished(metadata: Mapping[str, Any]) -> bool:
    """Tell whether a message with this metadata is still being written."""
    return metadata.get(UNFINISHED) is True


def marked(metadata: Mapping[str, Any], *, unfinished: bool) -> dict[str, Any]:
    """Return the metadata of a message that is still being written, or is not any more."""
    kept = {key: value for key, value in metadata.items() if key != UNFINISHED}
    return kept | {UNFINISHED: True} if unfinished else kept


@record
class Message:
    """A message in a channel. `number` is dense per channel, from 1; a deleted one keeps it and loses its text."""

    id: str
    channel_id: str
    number: int
    author_id: str
    author_name: str
    content: str
    created_at: int
    metadata: dict[str, Any] = field(default_factory=dict)
    parent_id: str | None = None
    pinned: bool = False
    edited_at: int | None = None
    deleted_at: int | None = None
    origin: Origin = FROM_HUB
    hops: int = 0
    author_display: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a message said before an edit; `revision` counts from 1."""

    message_id: str
    revision: int
    content: str
    edited_by: str
    edited_at: int


@record
class Reaction:
    """One principal's emoji on a message."""

    message_id: str
    principal_id: str
    principal_name: str
    emoji: str
    created_at: int


@record
class Mention:
    """Somebody named in a message, at most once per message."""

    id: str
    message_id: str
    channel_id: str
    mentioned_id: str
    author_id: str
    created_at: int
    read_at: int | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found message; a higher `rank` is a better match, and 0 says that nothing was ranked."""

    message: Message
    channel_name: str
    rank: float
