"""Approvals in memory."""

from dataclasses import replace

from airchat.protocol.approvals import Approval, ApprovalState
from store.memory.tables import Tables
from store.ports.approvals import ApprovalFilter


class MemoryApprovals:
    """See `store.ports.approvals.Approvals`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.approvals

    async def insert(self, approval: Approval) -> None:
        """Store a new approval."""
        self._table.put(approval.id, approval)

    async def save(self, approval: Approval) -> None:
        """Replace what changes in an approval's life."""
        if (known := self._table.get(approval.id)) is not None:
            changed = replace(
                known,
                state=approval.state,
                answered_by=approval.answered_by,
                answered_at=approval.answered_at,
                reason=approval.reason,
            )
            self._table.put(approval.id, changed)

    async def get(self, approval_id: str) -> Approval | None:
        """Return the approval."""
        return self._table.get(approval_id)

    async def by_short_id(self, short_id: str) -> list[Approval]:
        """Return those whose id begins so, pending ones first."""
        found = [row for row in self._newest_first() if row.short_id == short_id]
        return sorted(found, key=lambda row: row.state is not ApprovalState.PENDING)[:10]

    async def find(self, wanted: ApprovalFilter) -> list[Approval]:
        """Return the approvals that pass the filter."""
        found = [
            row
            for row in self._newest_first()
            if self._tables.may_see(row.channel_id, wanted.viewer_id)
            and wanted.state in {None, row.state}
            and (wanted.approver_id is None or wanted.approver_id in row.approvers)
        ]
        return found[: wanted.limit]

    async def count_pending(self, requested_by: str) -> int:
        """Return how many of somebody's requests nobody has answered."""
        return sum(row.requested_by == requested_by for row in self._pending())

    async def overdue(self, at: int, limit: int) -> list[Approval]:
        """Return pending approvals that expire at `at` or earlier."""
        rows = [row for row in self._pending() if row.expires_at <= at]
        return sorted(rows, key=lambda row: (row.expires_at, row.id))[:limit]

    def _pending(self) -> list[Approval]:
        return [row for row in self._table.rows() if row.state is ApprovalState.PENDING]

    def _newest_first(self) -> list[Approval]:
        return sorted(self._table.rows(), key=lambda row: (row.created_at, row.id), reverse=True)
