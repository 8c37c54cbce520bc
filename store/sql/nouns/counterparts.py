"""Counterparts over SQL."""

from collections.abc import Sequence

from store.ports.counterparts import Mark, Pair
from store.sql.session import Row, Session, ids_json


class SqlCounterparts:
    """Implements `store.ports.counterparts.Counterparts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, pair: Pair) -> None:
        """See the port."""
        await self._session.execute(
            "counterparts.add",
            pair.link_id,
            pair.remote_id,
            pair.message_id,
            pair.number,
            pair.inbound,
            pair.created_at,
            pair.hash,
            pair.version,
            pair.gone,
            pair.thread,
        )

    async def save(self, pair: Pair) -> None:
        """See the port."""
        await self._session.execute(
            "counterparts.save", pair.link_id, pair.remote_id, pair.hash, pair.version, pair.gone
        )

    async def of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """See the port."""
        row = await self._session.fetch_one("counterparts.of_remote", link_id, remote_id)
        return None if row is None else _pair_of(row)

    async def of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """See the port."""
        return [_pair_of(row) for row in await self._session.fetch("counterparts.of_message", link_id, message_id)]

    async def recent(self, link_id: str, since: int, limit: int) -> list[Pair]:
        """See the port."""
        rows = await self._session.fetch("counterparts.recent", link_id, since, limit)
        return [_pair_of(row) for row in reversed(rows)]

    async def mark(self, mark: Mark) -> None:
        """See the port."""
        await self._session.execute(
            "counterparts.mark", mark.link_id, mark.remote_id, mark.emoji, mark.remote_user, mark.principal_id
        )

    async def unmark(self, mark: Mark) -> None:
        """See the port."""
        await self._session.execute("counterparts.unmark", mark.link_id, mark.remote_id, mark.emoji, mark.remote_user)

    async def marks(self, link_id: str, remote_ids: Sequence[str]) -> list[Mark]:
        """See the port."""
        rows = await self._session.fetch("counterparts.marks", link_id, ids_json(remote_ids))
        return [
            Mark(row["link_id"], row["remote_id"], row["emoji"], row["remote_user"], row["principal_id"])
            for row in rows
        ]


def _pair_of(row: Row) -> Pair:
    return Pair(
        link_id=row["link_id"],
        message_id=row["message_id"],
        number=row["number"],
        remote_id=row["remote_id"],
        inbound=bool(row["inbound"]),
        created_at=row["created_at"],
        hash=row["hash"],
        version=row["version"],
        gone=bool(row["gone"]),
        thread=row["thread"],
    )
