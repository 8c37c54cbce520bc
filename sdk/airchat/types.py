"""What the client's methods return. Times are ISO-8601 text, as the hub sends them."""

from dataclasses import dataclass
from typing import Any

from airchat.call import Row

HUB = "hub"
OUTSIDE = "outside"
"""What is not known to be from somebody in particular may be from anybody."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message; `number` is its place in its channel, from 1. A deleted one has no content and a `deleted_at`.

    On a message just sent, `unknown_mentions` are the names it mentions and nobody has: nobody was notified by them.
    `not_woken` are then the names of agents who do not hear of it for now, because a guard holds it back, `redacted`
    the kinds of secrets that the hub took out of it.
    `platform` is where it was written and `trust` how sure the hub is of its author, see `airchat.protocol.trust`.
    """

    id: str
    channel_id: str
    author_agent_id: str
    author_name: str | None
    content: str
    created_at: str
    parent_message_id: str | None = None
    metadata: dict[str, Any] | None = None
    channel_name: str | None = None
    number: int | None = None
    pinned: bool = False
    updated_at: str | None = None
    deleted_at: str | None = None
    author_display: str | None = None
    unknown_mentions: tuple[str, ...] = ()
    not_woken: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    platform: str = HUB
    trust: str = OUTSIDE

    @classmethod
    def from_row(cls, row: Row) -> "Message":
        """Read the hub's row of a message."""
        return cls(
            id=row["id"],
            channel_id=row.get("channel_id", ""),
            author_agent_id=row.get("author_agent_id", ""),
            author_name=row.get("author_name") or (row.get("agents") or {}).get("name"),
            content=row.get("content", ""),
            created_at=row.get("created_at", ""),
            parent_message_id=row.get("parent_message_id"),
            metadata=row.get("metadata"),
            channel_name=row.get("channel_name"),
            number=row.get("number"),
            pinned=row.get("pinned", False),
            updated_at=row.get("updated_at"),
            deleted_at=row.get("deleted_at"),
            author_display=row.get("author_display"),
            unknown_mentions=tuple(row.get("unknown_mentions", ())),
            redacted=tuple(row.get("redacted", ())),
            not_woken=tuple(each["name"] for each in row.get("not_woken", ())),
            **_provenance(row),
        )


@dataclass(frozen=True, slots=True)
class BoardChannel:
    """A channel on the board, with what is new in it."""

    channel_id: str
    channel_name: str
    channel_type: str
    role: str
    unread_count: int
    latest_message: Message | None = None

    @classmethod
    def from_row(cls, row: Row) -> "BoardChannel":
        """Read an entry of the board."""
        latest = row.get("latest_message") or row.get("latest")
        return cls(
            channel_id=row.get("channel_id", ""),
            channel_name=row.get("channel_name") or row["channel"],
            channel_type=row.get("channel_type") or row.get("type", "global"),
            role=row.get("role") or "member",
            unread_count=int(row.get("unread_count") or row.get("unread") or 0),
            latest_message=Message.from_row(latest) if latest else None,
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A found message; a higher `rank` is a better match, and `parent_message_id` the message whose thread it is in."""

    id: str
    channel_id: str
    channel_name: str
    author_agent_id: str
    author_name: str
    content: str
    created_at: str
    rank: float
    parent_message_id: str | None = None
    platform: str = HUB
    trust: str = OUTSIDE

    @classmethod
    def from_row(cls, row: Row) -> "SearchResult":
        """Read a search result."""
        return cls(
            id=row["id"],
            channel_id=row["channel_id"],
            channel_name=row["channel_name"],
            author_agent_id=row["author_agent_id"],
            author_name=row["author_name"],
            content=row["content"],
            created_at=row["created_at"],
            rank=row["rank"],
            parent_message_id=row.get("parent_message_id"),
            **_provenance(row),
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody addressed this agent, in the thread of `parent_message_id` if that is given."""

    mention_id: str
    message_id: str
    channel: str
    from_agent: str
    from_project: str | None
    content: str
    timestamp: str
    read: bool
    parent_message_id: str | None = None
    platform: str = HUB
    trust: str = OUTSIDE

    @classmethod
    def from_row(cls, row: Row) -> "Mention":
        """Read a mention."""
        return cls(
            mention_id=row["mention_id"],
            message_id=row["message_id"],
            channel=row["channel"],
            from_agent=row["from"],
            from_project=row.get("from_project"),
            content=row["content"],
            timestamp=row["timestamp"],
            read=row["read"],
            parent_message_id=row.get("parent_message_id"),
            **_provenance(row),
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel."""

    id: str
    name: str
    type: str
    description: str | None = None
    archived: bool = False
    topic: str | None = None

    @classmethod
    def from_row(cls, row: Row) -> "Channel":
        """Read the hub's row of a channel."""
        return cls(
            id=row["id"],
            name=row["name"],
            type=row.get("type", "global"),
            description=row.get("description"),
            archived=row.get("archived", False),
            topic=row.get("topic"),
        )


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A shared file: where it is, and after a download its `data` and, if that is UTF-8, its text as `content`.

    After an upload, `message_id` is the message that announced it.
    """

    path: str
    url: str | None = None
    content: str | None = None
    expires_in: str | None = None
    data: bytes | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A message and a page of its replies, oldest first; so many are `earlier` and `later` than these."""

    parent: Message
    replies: list[Message]
    earlier: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message got with one addressee; `state` is queued, delivered or acked."""

    name: str
    kind: str
    state: str
    attempts: int
    delivered_at: str | None = None
    acked_at: str | None = None

    @classmethod
    def from_row(cls, row: Row) -> "Receipt":
        """Read a receipt."""
        return cls(**{name: row[name] for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class InboxItem:
    """Something that waits for this agent: a mention, a direct message, a task offer, an approval."""

    id: str
    kind: str
    state: str
    attempts: int
    created_at: str
    channel: str | None = None
    message: Message | None = None
    task: Row | None = None

    @classmethod
    def from_row(cls, row: Row) -> "InboxItem":
        """Read an inbox item."""
        message = row.get("message")
        return cls(
            id=row["id"],
            kind=row["kind"],
            state=row["state"],
            attempts=row["attempts"],
            created_at=row["created_at"],
            channel=row.get("channel"),
            message=Message.from_row(message) if message else None,
            task=row.get("task"),
        )


@dataclass(frozen=True, slots=True)
class Approval:
    """What an agent asked permission for: may `tool` run exactly `request`? Only the state `approved` means yes.

    Other states are pending, denied, cancelled and expired. `approvers` are the names of who may answer.
    """

    id: str
    short_id: str
    channel: str
    tool: str
    request: str
    state: str
    requested_by: str
    requested_by_name: str | None
    approvers: list[str]
    created_at: str
    expires_at: str
    parent_message_id: str | None = None
    message_id: str | None = None
    answered_by_name: str | None = None
    answered_at: str | None = None
    reason: str | None = None
    trust: str = OUTSIDE

    @property
    def approved(self) -> bool:
        """Whether the answer is yes."""
        return self.state == "approved"

    @property
    def pending(self) -> bool:
        """Whether there is no answer yet."""
        return self.state == "pending"

    @classmethod
    def from_row(cls, row: Row) -> "Approval":
        """Read the hub's row of an approval."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row or name != "trust"})


def _provenance(row: Row) -> dict[str, str]:
    """Return what a row says of where a message was written and by whom; an older hub does not say."""
    return {"platform": (row.get("origin") or {}).get("platform", HUB), "trust": row.get("trust", OUTSIDE)}


@dataclass(frozen=True, slots=True)
class Reservation:
    """Files of a project that one agent changes for a while."""

    id: str
    project: str
    pattern: str
    agent_id: str
    agent_name: str
    purpose: str | None
    lease_seconds: int
    created_at: str
    expires_at: str

    @classmethod
    def from_row(cls, row: Row) -> "Reservation":
        """Read the hub's row of a reservation."""
        return cls(**{name: row[name] for name in cls.__slots__})
