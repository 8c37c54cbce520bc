"""Wakes over SQL."""

from collections.abc import Sequence

from store.ports.wakes import Scope, Wake
from store.sql.session import Session, rows_json


class SqlWakes:
    """Implements `store.ports.wakes.Wakes`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, wakes: Sequence[Wake]) -> None:
        """See the port."""
        if wakes:
            rows = (
                (it.subject_id, it.agent_id, it.sender_id, it.channel_id, it.at, it.number, it.woken) for it in wakes
            )
            await self._session.execute("wakes.add", rows_json(rows))

    async def turns(self, channel_id: str, since: int, limit: int) -> list[tuple[int, int, str]]:
        """See the port."""
        rows = await self._session.fetch("wakes.turns", channel_id, since, limit)
        return [(row["number"], row["at"], row["sender_id"]) for row in rows]

    async def between(self, one_id: str, other_id: str, since: int) -> int:
        """See the port."""
        return await self._count("between", one_id, other_id, since)

    async def count(self, scope: Scope, scope_id: str, since: int) -> int:
        """See the port."""
        return await self._count(f"count_{scope.value}", scope_id, since)

    async def spoken_since(self, channel_id: str, number: int) -> bool:
        """See the port."""
        return await self._session.fetch_one("wakes.spoken_since", channel_id, number) is not None

    async def spoken_from(self, channel_id: str, at: int) -> bool:
        """See the port."""
        return await self._session.fetch_one("wakes.spoken_from", channel_id, at) is not None

    async def newest_for(self, agent_id: str, channel_id: str, since: int) -> str | None:
        """See the port."""
        row = await self._session.fetch_one("wakes.newest_for", agent_id, channel_id, since)
        return None if row is None else str(row["id"])

    async def mark(self, channel_id: str, at: int) -> None:
        """See the port."""
        await self._session.execute("wakes.mark", channel_id, at)

    async def marked_at(self, channel_id: str) -> int:
        """See the port."""
        row = await self._session.fetch_one("wakes.marked_at", channel_id)
        return 0 if row is None else int(row["at"])

    async def notice(self, channel_id: str, cause: str, window_at: int) -> bool:
        """See the port."""
        return await self._session.execute("wakes.notice", channel_id, cause, window_at) > 0

    async def unnotice(self, channel_id: str, cause: str) -> None:
        """See the port."""
        await self._session.execute("wakes.unnotice", channel_id, cause)

    async def forget(self, before: int) -> None:
        """See the port."""
        await self._session.execute("wakes.forget", before)

    async def _count(self, query: str, *arguments: object) -> int:
        row = await self._session.fetch_one(f"wakes.{query}", *arguments)
        return 0 if row is None else int(row["count"])
