"""Events: the rows of the hub's append-only log, as every consumer sees them."""

from enum import StrEnum
from typing import Any

from airchat.protocol.record import record


class EventKind(StrEnum):
    """Every kind of change the log records."""

    MESSAGE_CREATED = "message.created"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_TAGGED = "message.tagged"
    MESSAGE_PINNED = "message.pinned"
    MESSAGE_UNPINNED = "message.unpinned"
    REACTION_ADDED = "reaction.added"
    REACTION_REMOVED = "reaction.removed"
    CHANNEL_CREATED = "channel.created"
    CHANNEL_CHANGED = "channel.changed"
    CHANNEL_ARCHIVED = "channel.archived"
    CHANNEL_UNARCHIVED = "channel.unarchived"
    CHANNEL_MODES_CHANGED = "channel.modes_changed"
    CHANNEL_RENAMED = "channel.renamed"
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"
    READ_MOVED = "read.moved"
    READ_MARKED = "read.marked"
    INBOX_QUEUED = "inbox.queued"
    INBOX_DELIVERED = "inbox.delivered"
    INBOX_ACKED = "inbox.acked"
    TASK_CREATED = "task.created"
    TASK_CLAIMED = "task.claimed"
    TASK_RENEWED = "task.renewed"
    TASK_RELEASED = "task.released"
    TASK_LAPSED = "task.lapsed"
    TASK_COMPLETED = "task.completed"
    TASK_CANCELLED = "task.cancelled"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_ANSWERED = "approval.answered"
    APPROVAL_EXPIRED = "approval.expired"
    RESERVATION_MADE = "reservation.made"
    RESERVATION_RENEWED = "reservation.renewed"
    RESERVATION_RELEASED = "reservation.released"
    RESERVATION_LAPSED = "reservation.lapsed"
    FILE_SHARED = "file.shared"
    FILE_DELETED = "file.deleted"
    AGENT_REGISTERED = "agent.registered"
    PRINCIPAL_CHANGED = "principal.changed"
    CREDENTIAL_REVOKED = "credential.revoked"
    MACHINE_CHANGED = "machine.changed"
    METADATA_CHANGED = "metadata.changed"


@record
class EventDraft:
    """A change about to be logged.

    `channel_id` says where it happened (who may see the channel may see the event); `recipient_id` narrows it to
    one principal; with neither, it is about the directory and everybody with an account sees it.
    `data` is JSON-ready and complete: a consumer needs no look-up to show it.
    """

    kind: EventKind
    created_at: int
    actor_id: str | None = None
    channel_id: str | None = None
    recipient_id: str | None = None
    subject_id: str | None = None
    data: dict[str, Any] | None = None


@record
class Event:
    """A committed change; `seq` is dense over the whole hub, in commit order, from 1. `data` is compact JSON text."""

    seq: int
    kind: EventKind
    created_at: int
    actor_id: str | None
    channel_id: str | None
    recipient_id: str | None
    subject_id: str | None
    data: str
