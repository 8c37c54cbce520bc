"""Cursors over SQL."""

from collections.abc import Sequence

from store.ports.cursors import Cursor
from store.sql.session import Session, rows_json


class SqlCursors:
    """Implements `store.ports.cursors.Cursors`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, principal_id: str, device: str) -> Cursor | None:
        """See the port."""
        row = await self._session.fetch_one("cursors.get", principal_id, device)
        return None if row is None else Cursor(principal_id, row["device"], row["seq"], row["saved_at"])

    async def save(self, cursors: Sequence[Cursor]) -> None:
        """See the port."""
        # One statement cannot change a row twice: of several cursors of a device the furthest counts.
        furthest = {(each.principal_id, each.device): each for each in sorted(cursors, key=lambda each: each.seq)}
        if furthest:
            rows = ((each.principal_id, each.device, each.seq, each.at) for each in furthest.values())
            await self._session.execute("cursors.save", rows_json(rows))

    async def keep_newest(self, principal_ids: Sequence[str], count: int) -> None:
        """See the port."""
        if principal_ids:
            await self._session.execute("cursors.keep_newest", rows_json((each,) for each in principal_ids), count)
