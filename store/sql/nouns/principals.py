"""Principals over SQL."""

from collections.abc import Sequence

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Kind, Principal, Role
from store.sql.session import Row, Session, ids_json


def principal_of(row: Row, prefix: str = "") -> Principal:
    """Map a row whose principal columns start with `prefix`."""
    return Principal(
        id=row[prefix + "id"],
        kind=Kind(row[prefix + "kind"]),
        name=row[prefix + "name"],
        role=Role(row[prefix + "role"]),
        created_at=row[prefix + "created_at"],
        display_name=row[prefix + "display_name"],
        active=bool(row[prefix + "active"]),
        last_seen_at=row[prefix + "last_seen_at"],
        status=row[prefix + "status"],
        bot=bool(row[prefix + "bot"]),
    )


class SqlPrincipals:
    """Implements `store.ports.principals.Principals`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save(self, principal: Principal) -> None:
        """See the port."""
        holder = await self._session.fetch_one("principals.by_name", principal.name)
        if holder is not None and holder["id"] != principal.id:
            raise Conflict(f"The name {principal.name} is taken.")
        await self._session.execute(
            "principals.save",
            principal.id,
            principal.kind.value,
            principal.name,
            principal.role.value,
            principal.created_at,
            principal.display_name,
            principal.active,
            principal.last_seen_at,
            principal.status,
            principal.bot,
        )

    async def get(self, principal_id: str) -> Principal | None:
        """See the port."""
        row = await self._session.fetch_one("principals.get", principal_id)
        return None if row is None else principal_of(row)

    async def by_name(self, name: str) -> Principal | None:
        """See the port."""
        row = await self._session.fetch_one("principals.by_name", name)
        return None if row is None else principal_of(row)

    async def by_names(self, names: Sequence[str]) -> list[Principal]:
        """See the port."""
        return [principal_of(row) for row in await self._session.fetch("principals.by_names", ids_json(names))]

    async def by_ids(self, principal_ids: Sequence[str]) -> list[Principal]:
        """See the port."""
        return [principal_of(row) for row in await self._session.fetch("principals.by_ids", ids_json(principal_ids))]

    async def all(self) -> list[Principal]:
        """See the port."""
        return [principal_of(row) for row in await self._session.fetch("principals.all")]

    async def seen(self, principal_ids: Sequence[str], at: int) -> None:
        """See the port."""
        await self._session.execute("principals.seen", ids_json(principal_ids), at)

    async def set_status(self, principal_id: str, status: str | None, at: int) -> None:
        """See the port."""
        await self._session.execute("principals.set_status", principal_id, status, at)
