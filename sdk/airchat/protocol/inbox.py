"""Inbox items: what waits for an agent, and how far its delivery got."""

from dataclasses import dataclass
from enum import StrEnum


class InboxKind(StrEnum):
    """Why something is in the inbox."""

    MENTION = "mention"
    DIRECT = "direct"
    TASK = "task"
    APPROVAL = "approval"


class InboxState(StrEnum):
    """`queued` until handed out, `delivered` until acknowledged (offered again after 30 s), `acked` for good.

    What a guard holds back is `held`, and not handed out, until it is released; then it is `queued`.
    """

    HELD = "held"
    QUEUED = "queued"
    DELIVERED = "delivered"
    ACKED = "acked"


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing addressed to one principal; `attempts` counts how often it was handed out.

    `held` names the guard that holds it back.
    """

    id: str
    principal_id: str
    kind: InboxKind
    created_at: int
    message_id: str | None = None
    task_id: str | None = None
    channel_id: str | None = None
    state: InboxState = InboxState.QUEUED
    attempts: int = 0
    delivered_at: int | None = None
    acked_at: int | None = None
    held: str | None = None
