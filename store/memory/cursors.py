"""Cursors in memory."""

from collections.abc import Sequence

from store.memory.tables import Tables
from store.ports.cursors import Cursor


class MemoryCursors:
    """See `store.ports.cursors.Cursors`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.cursors

    async def get(self, principal_id: str, device: str) -> Cursor | None:
        """Return the device's cursor, or the furthest one."""
        own = self._table.get((principal_id, device))
        others = (cursor for cursor in self._table.rows() if cursor.principal_id == principal_id)
        return own or max(others, key=lambda cursor: cursor.seq, default=None)

    async def save(self, cursors: Sequence[Cursor]) -> None:
        """Save what is not behind what is stored."""
        for cursor in cursors:
            key = (cursor.principal_id, cursor.device)
            stored = self._table.get(key)
            if stored is None or cursor.seq >= stored.seq:
                self._table.put(key, cursor)

    async def keep_newest(self, principal_ids: Sequence[str], count: int) -> None:
        """Drop the others of these principals."""
        for principal_id in set(principal_ids):
            found = [cursor for cursor in self._table.rows() if cursor.principal_id == principal_id]
            found.sort(key=lambda cursor: (-cursor.at, cursor.device))
            for cursor in found[count:]:
                self._table.remove((principal_id, cursor.device))
