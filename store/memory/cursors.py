"""Cursors in memory."""

from collections.abc import Sequence

from store.memory.tables import Tables
from store.ports.cursors import Cursor


class MemoryCursors:
    """See `store.ports.cursors.Cursors`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.cursors

    async def get(self, principal_id: str, device: str) -> int | None:
        """Return the device's `seq`."""
        return self._table.get((principal_id, device))

    async def save(self, cursors: Sequence[Cursor]) -> None:
        """Save what is ahead of what is stored."""
        for cursor in cursors:
            key = (cursor.principal_id, cursor.device)
            if cursor.seq > (self._table.get(key) or 0):
                self._table.put(key, cursor.seq)
