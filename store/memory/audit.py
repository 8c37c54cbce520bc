"""The audit trail in memory."""

from store.memory.tables import Tables
from store.ports.audit import AuditEntry


class MemoryAudit:
    """See `store.ports.audit.Audit`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.audit

    async def last(self) -> AuditEntry | None:
        """Return the newest entry."""
        newest = await self.page(None, 1)
        return newest[0] if newest else None

    async def add(self, entry: AuditEntry) -> None:
        """Add the next entry of the chain."""
        self._table.put(entry.seq, entry)

    async def page(self, before_seq: int | None, limit: int) -> list[AuditEntry]:
        """Return entries, newest first."""
        rows = [row for row in self._table.rows() if before_seq is None or row.seq < before_seq]
        return sorted(rows, key=lambda row: row.seq, reverse=True)[:limit]
