"""Approvals over SQL."""

import orjson

from airchat.protocol.approvals import Approval, ApprovalState
from store.ports.approvals import ApprovalFilter
from store.sql.session import Row, Session, ids_json


def _approval_of(row: Row) -> Approval:
    return Approval(
        id=row["id"],
        channel_id=row["channel_id"],
        requested_by=row["requested_by"],
        tool=row["tool"],
        request=row["request"],
        approvers=tuple(approver for (approver,) in orjson.loads(row["approvers"])),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        parent_id=row["parent_id"],
        message_id=row["message_id"],
        state=ApprovalState(row["state"]),
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        reason=row["reason"],
    )


class SqlApprovals:
    """Implements `store.ports.approvals.Approvals`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def insert(self, approval: Approval) -> None:
        """See the port."""
        await self._session.execute(
            "approvals.insert",
            approval.id,
            approval.short_id,
            approval.channel_id,
            approval.parent_id,
            approval.message_id,
            approval.requested_by,
            approval.tool,
            approval.request,
            ids_json(approval.approvers),
            approval.state.value,
            approval.created_at,
            approval.expires_at,
            approval.answered_by,
            approval.answered_at,
            approval.reason,
        )

    async def save(self, approval: Approval) -> None:
        """See the port."""
        await self._session.execute(
            "approvals.save",
            approval.id,
            approval.state.value,
            approval.answered_by,
            approval.answered_at,
            approval.reason,
        )

    async def get(self, approval_id: str) -> Approval | None:
        """See the port."""
        row = await self._session.fetch_one("approvals.get", approval_id)
        return None if row is None else _approval_of(row)

    async def by_short_id(self, short_id: str) -> list[Approval]:
        """See the port."""
        return [_approval_of(row) for row in await self._session.fetch("approvals.by_short_id", short_id)]

    async def find(self, wanted: ApprovalFilter) -> list[Approval]:
        """See the port."""
        state = None if wanted.state is None else wanted.state.value
        rows = await self._session.fetch("approvals.find", wanted.viewer_id, state, wanted.approver_id, wanted.limit)
        return [_approval_of(row) for row in rows]

    async def count_pending(self, requested_by: str) -> int:
        """See the port."""
        row = await self._session.fetch_one("approvals.count_pending", requested_by)
        return 0 if row is None else int(row["count"])

    async def overdue(self, at: int, limit: int) -> list[Approval]:
        """See the port."""
        return [_approval_of(row) for row in await self._session.fetch("approvals.overdue", at, limit)]
