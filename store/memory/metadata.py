"""Clients' metadata in memory."""

from collections.abc import Collection, Sequence

from store.memory.tables import Tables


class MemoryMetadata:
    """See `store.ports.metadata.Metadata`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.metadata

    async def all(self, subject_id: str) -> dict[str, str]:
        """Return the subject's values."""
        keys = [key for key in self._table if key[0] == subject_id]
        return {key: self._table[subject_id, key] for _, key in sorted(keys)}

    async def of(self, subject_ids: Sequence[str], keys: Collection[str]) -> dict[str, dict[str, str]]:
        """Return the values of these keys, by subject."""
        found: dict[str, dict[str, str]] = {}
        for subject_id in subject_ids:
            values = {key: value for key, value in (await self.all(subject_id)).items() if key in keys}
            if values:
                found[subject_id] = values
        return found

    async def set(self, subject_id: str, key: str, value: str | None) -> bool:
        """Set or remove a value."""
        if value is None:
            return self._table.remove((subject_id, key))
        if self._table.get((subject_id, key)) == value:
            return False
        self._table.put((subject_id, key), value)
        return True

    async def clear(self, subject_id: str) -> list[str]:
        """Remove every value of the subject."""
        keys = list(await self.all(subject_id))
        for key in keys:
            self._table.remove((subject_id, key))
        return keys
