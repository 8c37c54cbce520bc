"""Inbox items in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from airchat.protocol.inbox import InboxItem, InboxState
from store.memory.tables import Tables
from store.ports.inbox import START, HeldItem, Position


class MemoryInbox:
    """See `store.ports.inbox.Inbox`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.inbox
        self._subjects = tables.inbox_subjects

    async def add(self, items: Sequence[InboxItem]) -> None:
        """Queue items that are not there yet."""
        for item in items:
            subjects = [
                (item.principal_id, item.kind, subject) for subject in (item.message_id, item.task_id) if subject
            ]
            if not any(subject in self._subjects for subject in subjects):
                self._table.put(item.id, item)
                for subject in subjects:
                    self._subjects.put(subject, item.id)

    async def held(self, limit: int, after: Position = START) -> list[HeldItem]:
        """Return what guards hold back."""
        rows = [row for row in self._table.rows() if row.held is not None and _position(row) > after]
        rows = sorted(rows, key=_position)[:limit]
        return [HeldItem(row, self._sender_id(row)) for row in rows]

    async def release(self, item_ids: Sequence[str]) -> list[InboxItem]:
        """Queue what is held."""
        held = [row for row in self._table.pick(item_ids) if row.held is not None]
        released = self._put(replace(row, state=InboxState.QUEUED, held=None) for row in held)
        return sorted(released, key=_position)

    async def get(self, item_id: str) -> InboxItem | None:
        """Return the item."""
        return self._table.get(item_id)

    async def take(
        self, principal_id: str, limit: int, at: int, redeliver_before: int, after: Position = START
    ) -> list[InboxItem]:
        """Hand out what is queued or was handed out too long ago."""
        waiting = await self.pending(principal_id, len(self._table), after)
        due = [row for row in waiting if _is_due(row, redeliver_before)]
        return self._put(
            replace(row, state=InboxState.DELIVERED, attempts=row.attempts + 1, delivered_at=at) for row in due[:limit]
        )

    async def pending(self, principal_id: str, limit: int, after: Position = START) -> list[InboxItem]:
        """Return what is not acknowledged."""
        waiting = self._waiting(principal_id)
        return [row for row in waiting if row.held is None and _position(row) > after][:limit]

    async def ack(self, principal_id: str, item_ids: Sequence[str], at: int) -> list[InboxItem]:
        """Acknowledge the principal's own items."""
        return self._ack((row for row in self._waiting(principal_id) if row.id in set(item_ids)), at)

    async def ack_messages(self, principal_id: str, message_ids: Sequence[str], at: int) -> list[InboxItem]:
        """Acknowledge the principal's items about these messages."""
        return self._ack((row for row in self._waiting(principal_id) if row.message_id in set(message_ids)), at)

    async def withdraw(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """Remove items that were not acknowledged."""
        for row in await self.receipts(message_id):
            if row.principal_id in principal_ids and row.state != InboxState.ACKED:
                self._table.remove(row.id)
                self._subjects.remove((row.principal_id, row.kind, message_id))

    async def withdraw_task(self, task_id: str) -> None:
        """Remove the items about a task."""
        for row in self._table.rows():
            if row.task_id == task_id:
                self._table.remove(row.id)
                self._subjects.remove((row.principal_id, row.kind, task_id))

    async def receipts(self, message_id: str) -> list[InboxItem]:
        """Return the items made for a message."""
        return [row for row in self._table.rows() if row.message_id == message_id]

    def _sender_id(self, row: InboxItem) -> str | None:
        message = self._tables.messages.get(row.message_id) if row.message_id else None
        task = self._tables.tasks.get(row.task_id) if row.task_id else None
        return message.author_id if message else task.created_by if task else None

    def _waiting(self, principal_id: str) -> list[InboxItem]:
        """Return the principal's items that are not acknowledged, oldest first."""
        rows = [row for row in self._table.rows() if row.principal_id == principal_id and row.state != InboxState.ACKED]
        return sorted(rows, key=_position)

    def _ack(self, rows: Iterable[InboxItem], at: int) -> list[InboxItem]:
        return self._put(replace(row, state=InboxState.ACKED, acked_at=at, held=None) for row in rows)

    def _put(self, changed: Iterable[InboxItem]) -> list[InboxItem]:
        items = list(changed)
        for item in items:
            self._table.put(item.id, item)
        return items


def _position(item: InboxItem) -> Position:
    return item.created_at, item.id


def _is_due(item: InboxItem, redeliver_before: int) -> bool:
    return item.delivered_at is None or item.delivered_at < redeliver_before
