"""Read markers in memory."""

from store.memory.tables import Tables


class MemoryMarkers:
    """See `store.ports.markers.Markers`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.markers

    async def get(self, principal_id: str, target: str) -> int | None:
        """Return the moment."""
        return self._table.get((principal_id, target))

    async def of(self, principal_id: str) -> dict[str, int]:
        """Return all markers of a principal."""
        return {key[1]: self._table[key] for key in self._table if key[0] == principal_id}

    async def move(self, principal_id: str, target: str, at: int) -> int:
        """Move the marker forward."""
        stored = self._table.get((principal_id, target))
        if stored is not None and stored >= at:
            return stored
        self._table.put((principal_id, target), at)
        return at

    async def clear(self, principal_id: str) -> None:
        """Forget all markers of a principal."""
        for target in await self.of(principal_id):
            self._table.remove((principal_id, target))
