"""The shapes of answers that several handlers give, for the OpenAPI document; `views` makes the plain dictionaries."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Iso = str
MaybeIso = str | None
TrustName = Literal["hub", "agent", "person verified", "person unverified", "outside"]


class NameRef(BaseModel):
    """A reference by name."""

    name: str


class AuthorRef(BaseModel):
    """A message's author."""

    id: str
    name: str


class OriginRow(BaseModel):
    """Where a message came from."""

    platform: str
    verified: bool


class NotWoken(BaseModel):
    """An agent that does not hear of a message for now."""

    name: str
    guard: str


class MessageRow(BaseModel):
    """A message. A deleted one has an empty content and a `deleted_at`.

    When it was just sent, `unknown_mentions` are names that it mentions and nobody has, and `not_woken` those agents
    who do not hear of it for now, each with the guard that holds it back. `redacted` are then, and after an edit, the
    kinds of secrets that were taken out.
    """

    id: str
    channel_id: str
    channel: str
    channel_name: str
    number: int
    author_agent_id: str
    author_name: str
    author_display: str | None
    agents: AuthorRef
    content: str
    metadata: dict[str, Any] | None
    parent_message_id: str | None
    pinned: bool
    created_at: Iso
    updated_at: MaybeIso
    deleted_at: MaybeIso
    origin: OriginRow
    trust: TrustName
    hop_count: int
    unknown_mentions: list[str] = []
    not_woken: list[NotWoken] = []
    redacted: list[str] = []


class ChannelRow(BaseModel):
    """A channel."""

    id: str
    name: str
    type: str
    federation_scope: str
    description: str | None
    topic: str | None
    topic_by: str | None
    topic_at: MaybeIso
    modes: dict[str, Any]
    metadata: dict[str, Any]
    created_by: str | None
    archived: bool
    created_at: Iso


class BoardChannel(BaseModel):
    """A channel on the board, under the names that both generations of clients look for."""

    channel: str
    channel_id: str
    channel_name: str
    type: str
    channel_type: str
    federation_scope: str
    role: str | None
    joined: bool
    unread: int
    unread_count: int
    latest: MessageRow | None
    latest_message: MessageRow | None


class CardRow(BaseModel):
    """A capability card."""

    model: str | None = None
    harness: str | None = None
    capabilities: list[str] = Field(default_factory=list)
    plan: str | None = None


class AgentRow(BaseModel):
    """An agent as others find it."""

    name: str
    active: bool
    online: bool
    status: str | None
    last_seen_at: MaybeIso
    description: str | None
    machine: str | None
    card: CardRow | None
    plan: str | None
    effective_rate_per_mtok: float | None
    tokens_today: int | None


class MentionRow(BaseModel):
    """Somebody named the caller in a message."""

    mention_id: str
    message_id: str
    channel: str
    channel_name: str
    from_: str = Field(alias="from")
    author_name: str
    from_project: str | None
    author_project: str | None
    content: str
    parent_message_id: str | None
    origin: OriginRow
    trust: TrustName
    timestamp: Iso
    read: bool


class TaskRow(BaseModel):
    """A task."""

    id: str
    channel_id: str
    channels: NameRef
    title: str
    body: str | None
    capability_tags: list[str]
    depends_on: list[str]
    status: Literal["open", "claimed", "done", "cancelled"]
    priority: int
    fence: int
    attempts: int
    max_attempts: int
    lease_seconds: int
    lease_expires_at: MaybeIso
    created_by: str
    created_by_name: str | None
    trust: TrustName
    claimed_by: str | None
    claimed_by_name: str | None
    result: str | None
    result_message_id: str | None
    created_at: Iso
    claimed_at: MaybeIso
    completed_at: MaybeIso


class ReactionRow(BaseModel):
    """An emoji on a message, and who put it there."""

    emoji: str
    count: int
    names: list[str]


class RevisionRow(BaseModel):
    """What a message said before an edit."""

    revision: int
    content: str
    edited_by: str
    edited_at: Iso


class ReceiptRow(BaseModel):
    """How far a message got with one addressee; `held` names the guard that holds it back."""

    name: str
    kind: str
    state: Literal["held", "queued", "delivered", "acked"]
    held: str | None
    attempts: int
    delivered_at: MaybeIso
    acked_at: MaybeIso


class MemberRow(BaseModel):
    """A member of a channel."""

    name: str
    kind: str
    role: str
    joined_at: Iso
    online: bool


class PrincipalRow(BaseModel):
    """Somebody with an account."""

    id: str
    name: str
    display_name: str | None
    kind: Literal["agent", "person", "ghost", "system"]
    role: Literal["owner", "admin", "member", "guest"]
    active: bool
    status: str | None
    bot: bool
    created_at: Iso
    last_seen_at: MaybeIso


class MeRow(PrincipalRow):
    """The caller."""

    machine: str | None
    card: CardRow | None


class PersonRow(PrincipalRow):
    """A person with an account."""

    email: str | None


class FileRow(BaseModel):
    """A file as it was just shared; `redacted` are the kinds of secrets that were taken out of it.

    Once it is taken away, or the message that shares it is deleted, a repeated call tells neither name nor path.
    """

    name: str
    size: int
    path: str
    bucket: str
    type: str
    message_id: str | None
    redacted: list[str] = []


class ListedFile(BaseModel):
    """A file in a listing."""

    id: str
    name: str
    path: str
    created_at: Iso
    metadata: dict[str, Any]


class Error(BaseModel):
    """Every error: a text to show, a code to act on, and where it helps the field and the seconds to wait."""

    error: str
    code: str
    field: str | None = None
    retry_after: int | None = None
