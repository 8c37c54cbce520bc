"""Clients' metadata over SQL."""

from collections.abc import Collection, Sequence

from store.sql.session import Session, ids_json


class SqlMetadata:
    """Implements `store.ports.metadata.Metadata`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self, subject_id: str) -> dict[str, str]:
        """See the port."""
        return {row["key"]: row["value"] for row in await self._session.fetch("metadata.all", subject_id)}

    async def of(self, subject_ids: Sequence[str], keys: Collection[str]) -> dict[str, dict[str, str]]:
        """See the port."""
        found: dict[str, dict[str, str]] = {}
        for row in await self._session.fetch("metadata.of", ids_json(subject_ids), ids_json(sorted(keys))):
            found.setdefault(row["subject_id"], {})[row["key"]] = row["value"]
        return found

    async def set(self, subject_id: str, key: str, value: str | None) -> bool:
        """See the port."""
        if value is None:
            return await self._session.execute("metadata.remove", subject_id, key) > 0
        return await self._session.execute("metadata.set", subject_id, key, value) > 0

    async def clear(self, subject_id: str) -> list[str]:
        """See the port."""
        return sorted(row["key"] for row in await self._session.fetch("metadata.clear", subject_id))
