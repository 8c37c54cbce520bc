"""Read markers over SQL."""

from store.sql.session import Session


class SqlMarkers:
    """Implements `store.ports.markers.Markers`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, principal_id: str, target: str) -> int | None:
        """See the port."""
        row = await self._session.fetch_one("markers.get", principal_id, target)
        return None if row is None else int(row["at"])

    async def of(self, principal_id: str) -> dict[str, int]:
        """See the port."""
        rows = await self._session.fetch("markers.of", principal_id)
        return {row["target"]: int(row["at"]) for row in rows}

    async def move(self, principal_id: str, target: str, at: int) -> int:
        """See the port."""
        row = await self._session.fetch_one("markers.move", principal_id, target, at)
        return at if row is None else int(row["at"])

    async def clear(self, principal_id: str) -> None:
        """See the port."""
        await self._session.execute("markers.clear", principal_id)
