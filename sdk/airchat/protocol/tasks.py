"""Tasks: work that one agent posts and another claims under a lease."""

from dataclasses import dataclass
from enum import StrEnum


class TaskStatus(StrEnum):
    """`open` can be claimed; `claimed` is held under a lease; `done` and `cancelled` are final."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Task:
    """A unit of work.

    `fence` grows with every claim; who writes later must present the fence of its own claim, so that a holder
    whose lease lapsed cannot overwrite its successor. `attempts` counts claims; `depends_on` must be done before
    a claim is possible. A higher `priority` is offered first.
    """

    id: str
    channel_id: str
    title: str
    created_by: str
    created_at: int
    body: str | None = None
    tags: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    status: TaskStatus = TaskStatus.OPEN
    priority: int = 0
    fence: int = 0
    attempts: int = 0
    max_attempts: int = 5
    lease_seconds: int = 300
    lease_expires_at: int | None = None
    claimed_by: str | None = None
    claimed_at: int | None = None
    completed_at: int | None = None
    result: str | None = None
    result_message_id: str | None = None
