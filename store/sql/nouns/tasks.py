"""Tasks over SQL."""

from collections.abc import Sequence

import orjson

from airchat.protocol.tasks import Task, TaskStatus
from store.ports.tasks import TaskFilter
from store.sql.session import Row, Session, ids_json, json_text, rows_json


def _task_of(row: Row) -> Task:
    return Task(
        id=row["id"],
        channel_id=row["channel_id"],
        title=row["title"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        body=row["body"],
        tags=tuple(orjson.loads(row["tags"])),
        depends_on=tuple(orjson.loads(row["depends_on"])),
        status=TaskStatus(row["status"]),
        priority=row["priority"],
        fence=row["fence"],
        attempts=row["attempts"],
        max_attempts=row["max_attempts"],
        lease_seconds=row["lease_seconds"],
        lease_expires_at=row["lease_expires_at"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        completed_at=row["completed_at"],
        result=row["result"],
        result_message_id=row["result_message_id"],
    )


_RARE = frozenset({TaskStatus.OPEN, TaskStatus.CLAIMED})
"""Most tasks are over."""


def query_of(wanted: TaskFilter) -> str:
    """Return the query that begins with what narrows the tasks most."""
    if wanted.created_by and wanted.completed_after is not None and wanted.status is TaskStatus.DONE:
        return "tasks.done"
    if wanted.claimed_by and wanted.status is TaskStatus.CLAIMED:
        return "tasks.held"
    given = {
        "by_creator": wanted.created_by,
        "by_holder": wanted.claimed_by,
        "by_status": wanted.status in _RARE,
        "by_channel": wanted.channel_id,
        "by_tag": wanted.tag,
        "newest": True,
    }
    return f"tasks.{next(name for name, value in given.items() if value)}"


class SqlTasks:
    """Implements `store.ports.tasks.Tasks`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def insert(self, task: Task) -> None:
        """See the port."""
        await self._session.execute(
            "tasks.insert",
            task.id,
            task.channel_id,
            task.title,
            task.body,
            json_text(task.tags),
            json_text(task.depends_on),
            task.status.value,
            task.priority,
            task.fence,
            task.attempts,
            task.max_attempts,
            task.lease_seconds,
            task.lease_expires_at,
            task.created_by,
            task.created_at,
            task.claimed_by,
            task.claimed_at,
            task.completed_at,
            task.result,
            task.result_message_id,
        )
        tags = [(task.id, tag, task.created_at) for tag in dict.fromkeys(task.tags)]
        if tags:
            await self._session.execute("tasks.add_tags", rows_json(tags))
        needed = [(task.id, other) for other in dict.fromkeys(task.depends_on)]
        if needed:
            await self._session.execute("tasks.add_dependencies", rows_json(needed))

    async def save(self, task: Task) -> None:
        """See the port."""
        await self._session.execute(
            "tasks.save",
            task.id,
            task.status.value,
            task.priority,
            task.fence,
            task.attempts,
            task.max_attempts,
            task.lease_seconds,
            task.lease_expires_at,
            task.claimed_by,
            task.claimed_at,
            task.completed_at,
            task.result,
            task.result_message_id,
        )

    async def get(self, task_id: str) -> Task | None:
        """See the port."""
        row = await self._session.fetch_one("tasks.get", task_id)
        return None if row is None else _task_of(row)

    async def find(self, wanted: TaskFilter) -> list[Task]:
        """See the port."""
        filters = (
            wanted.viewer_id,
            None if wanted.status is None else wanted.status.value,
            wanted.tag,
            wanted.channel_id,
            wanted.created_by,
            wanted.claimed_by,
            wanted.completed_after,
            wanted.limit,
        )
        if wanted.matching is None:
            rows = await self._session.fetch(query_of(wanted), *filters)
        else:
            rows = await self._session.fetch("tasks.offers", *filters, ids_json(wanted.matching))
        return [_task_of(row) for row in rows]

    async def unfinished(self, task_ids: Sequence[str]) -> list[str]:
        """See the port."""
        return [row["id"] for row in await self._session.fetch("tasks.unfinished", ids_json(task_ids))]

    async def waiting_for(self, task_id: str) -> list[Task]:
        """See the port."""
        return [_task_of(row) for row in await self._session.fetch("tasks.waiting_for", task_id)]

    async def lapsed(self, at: int, limit: int) -> list[Task]:
        """See the port."""
        return [_task_of(row) for row in await self._session.fetch("tasks.lapsed", at, limit)]
