"""The audit trail over SQL."""

import orjson

from store.ports.audit import AuditEntry
from store.sql.session import Row, Session, json_text


def _entry_of(row: Row) -> AuditEntry:
    return AuditEntry(
        seq=row["seq"],
        at=row["at"],
        actor_id=row["actor_id"],
        action=row["action"],
        subject=row["subject"],
        detail=orjson.loads(row["detail"]),
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


class SqlAudit:
    """Implements `store.ports.audit.Audit`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def last(self) -> AuditEntry | None:
        """See the port."""
        row = await self._session.fetch_one("audit.last")
        return None if row is None else _entry_of(row)

    async def add(self, entry: AuditEntry) -> None:
        """See the port."""
        await self._session.execute(
            "audit.add",
            entry.seq,
            entry.at,
            entry.actor_id,
            entry.action,
            entry.subject,
            json_text(entry.detail),
            entry.previous_hash,
            entry.hash,
        )

    async def page(self, before_seq: int | None, limit: int) -> list[AuditEntry]:
        """See the port."""
        return [_entry_of(row) for row in await self._session.fetch("audit.page", before_seq, limit)]
