"""Tasks in memory."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.tasks import Task, TaskStatus
from store.memory.tables import Tables
from store.ports.tasks import TaskFilter


class MemoryTasks:
    """See `store.ports.tasks.Tasks`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.tasks

    async def insert(self, task: Task) -> None:
        """Store a new task."""
        self._table.put(task.id, task)

    async def save(self, task: Task) -> None:
        """Replace what changes in a task's life."""
        if (known := self._table.get(task.id)) is not None:
            kept = replace(task, title=known.title, body=known.body, tags=known.tags, depends_on=known.depends_on)
            self._table.put(task.id, kept)

    async def get(self, task_id: str) -> Task | None:
        """Return the task."""
        return self._table.get(task_id)

    async def find(self, wanted: TaskFilter) -> list[Task]:
        """Return the tasks that pass the filter."""
        newest_first = sorted(self._table.rows(), key=lambda task: (task.created_at, task.id), reverse=True)
        found = [task for task in newest_first if self._passes(task, wanted)]
        if wanted.matching is not None:
            found = sorted(found, key=lambda task: (-task.priority, task.created_at, task.id))
        return found[: wanted.limit]

    async def unfinished(self, task_ids: Sequence[str]) -> list[str]:
        """Return which of these tasks are not done."""
        return [task.id for task in self._table.pick(task_ids) if task.status is not TaskStatus.DONE]

    async def waiting_for(self, task_id: str) -> list[Task]:
        """Return the open tasks that depend on this one, oldest first."""
        rows = [task for task in self._table.rows() if task_id in task.depends_on and task.status is TaskStatus.OPEN]
        return sorted(rows, key=lambda task: (task.created_at, task.id))

    async def lapsed(self, at: int, limit: int) -> list[Task]:
        """Return claimed tasks whose lease ended before `at`."""
        rows = [
            task
            for task in self._table.rows()
            if task.status is TaskStatus.CLAIMED and task.lease_expires_at is not None and task.lease_expires_at < at
        ]
        return sorted(rows, key=lambda task: task.lease_expires_at or 0)[:limit]

    def _passes(self, task: Task, wanted: TaskFilter) -> bool:
        return (
            self._tables.may_see(task.channel_id, wanted.viewer_id)
            and wanted.status in {None, task.status}
            and (wanted.tag is None or wanted.tag in task.tags)
            and wanted.channel_id in {None, task.channel_id}
            and wanted.created_by in {None, task.created_by}
            and (wanted.claimed_by is None or wanted.claimed_by == task.claimed_by)
            and (wanted.completed_after is None or (task.completed_at or 0) > wanted.completed_after)
            and (wanted.matching is None or self._is_offered(task, wanted.matching))
        )

    def _is_offered(self, task: Task, tags: tuple[str, ...]) -> bool:
        return (
            task.status is TaskStatus.OPEN
            and (not task.tags or not set(task.tags).isdisjoint(tags))
            and all(other.status is TaskStatus.DONE for other in self._table.pick(task.depends_on))
        )
