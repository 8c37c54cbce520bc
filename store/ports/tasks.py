"""Port: tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.tasks import Task, TaskStatus


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks to list. Direct channels are listed only to their members (`viewer_id`).

    `matching` offers: open tasks without tags or with at least one of these tags, their dependencies done.
    """

    viewer_id: str
    status: TaskStatus | None = None
    tag: str | None = None
    channel_id: str | None = None
    created_by: str | None = None
    claimed_by: str | None = None
    completed_after: int | None = None
    matching: tuple[str, ...] | None = None
    limit: int = 50


class Tasks(Protocol):
    """Tasks by id. Whoever changes one reads it and saves it in one unit of work: writers are serialised."""

    async def insert(self, task: Task) -> None:
        """Store a new task with its tags and dependencies."""
        ...

    async def save(self, task: Task) -> None:
        """Replace what changes in a task's life; title, body, tags and dependencies stay."""
        ...

    async def get(self, task_id: str) -> Task | None:
        """Return the task."""
        ...

    async def find(self, wanted: TaskFilter) -> list[Task]:
        """Return tasks, newest first; offers (`matching`) by priority, then oldest first."""
        ...

    async def unfinished(self, task_ids: Sequence[str]) -> list[str]:
        """Return which of these tasks are not done."""
        ...

    async def waiting_for(self, task_id: str) -> list[Task]:
        """Return the open tasks that depend on this one, oldest first."""
        ...

    async def lapsed(self, at: int, limit: int) -> list[Task]:
        """Return claimed tasks whose lease ended before `at`."""
        ...
