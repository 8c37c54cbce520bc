"""Inbox items over SQL."""

from collections.abc import Sequence

from airchat.protocol.inbox import InboxItem, InboxKind, InboxState
from store.ports.inbox import START, HeldItem, Position
from store.sql.session import Row, Session, ids_json, rows_json


def _item_of(row: Row) -> InboxItem:
    return InboxItem(
        id=row["id"],
        principal_id=row["principal_id"],
        kind=InboxKind(row["kind"]),
        created_at=row["created_at"],
        message_id=row["message_id"],
        task_id=row["task_id"],
        channel_id=row["channel_id"],
        state=InboxState.HELD if row["held"] is not None else InboxState(row["state"]),
        attempts=row["attempts"],
        delivered_at=row["delivered_at"],
        acked_at=row["acked_at"],
        held=row["held"],
    )


def _columns(item: InboxItem) -> tuple[object, ...]:
    return (
        item.id,
        item.principal_id,
        item.kind.value,
        item.created_at,
        item.message_id,
        item.task_id,
        item.channel_id,
        InboxState.QUEUED.value if item.held is not None else item.state.value,
        item.attempts,
        item.delivered_at,
        item.acked_at,
        item.held,
    )


def _oldest_first(rows: Sequence[Row]) -> list[InboxItem]:
    """Map what an UPDATE returned: its order is the database's own."""
    return sorted((_item_of(row) for row in rows), key=lambda item: (item.created_at, item.id))


class SqlInbox:
    """Implements `store.ports.inbox.Inbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, items: Sequence[InboxItem]) -> None:
        """See the port."""
        if items:
            await self._session.execute("inbox.add", rows_json(_columns(item) for item in items))

    async def held(self, limit: int, after: Position = START) -> list[HeldItem]:
        """See the port."""
        rows = await self._session.fetch("inbox.held", limit, *after)
        return [HeldItem(_item_of(row), row["sender_id"]) for row in rows]

    async def release(self, item_ids: Sequence[str]) -> list[InboxItem]:
        """See the port."""
        return _oldest_first(await self._session.fetch("inbox.release", ids_json(item_ids)))

    async def get(self, item_id: str) -> InboxItem | None:
        """See the port."""
        row = await self._session.fetch_one("inbox.get", item_id)
        return None if row is None else _item_of(row)

    async def take(
        self, principal_id: str, limit: int, at: int, redeliver_before: int, after: Position = START
    ) -> list[InboxItem]:
        """See the port."""
        return _oldest_first(await self._session.fetch("inbox.take", principal_id, limit, at, redeliver_before, *after))

    async def pending(self, principal_id: str, limit: int, after: Position = START) -> list[InboxItem]:
        """See the port."""
        return [_item_of(row) for row in await self._session.fetch("inbox.pending", principal_id, limit, *after)]

    async def ack(self, principal_id: str, item_ids: Sequence[str], at: int) -> list[InboxItem]:
        """See the port."""
        return _oldest_first(await self._session.fetch("inbox.ack", principal_id, ids_json(item_ids), at))

    async def ack_messages(self, principal_id: str, message_ids: Sequence[str], at: int) -> list[InboxItem]:
        """See the port."""
        return _oldest_first(await self._session.fetch("inbox.ack_messages", principal_id, ids_json(message_ids), at))

    async def withdraw(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """See the port."""
        await self._session.execute("inbox.withdraw", message_id, ids_json(principal_ids))

    async def withdraw_task(self, task_id: str) -> None:
        """See the port."""
        await self._session.execute("inbox.withdraw_task", task_id)

    async def receipts(self, message_id: str) -> list[InboxItem]:
        """See the port."""
        return [_item_of(row) for row in await self._session.fetch("inbox.receipts", message_id)]
