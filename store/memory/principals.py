"""Principals in memory."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Principal
from store.memory.tables import Tables


class MemoryPrincipals:
    """See `store.ports.principals.Principals`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.principals

    async def save(self, principal: Principal) -> None:
        """Insert or replace a principal."""
        holder = await self.by_name(principal.name)
        if holder is not None and holder.id != principal.id:
            raise Conflict(f"The name {principal.name} is taken")
        if (known := self._table.get(principal.id)) is not None:
            principal = replace(principal, kind=known.kind, created_at=known.created_at)
        self._table.put(principal.id, principal)

    async def get(self, principal_id: str) -> Principal | None:
        """Return the principal with that id."""
        return self._table.get(principal_id)

    async def by_name(self, name: str) -> Principal | None:
        """Return the principal with that name."""
        return next((row for row in self._table.rows() if row.name == name), None)

    async def by_names(self, names: Sequence[str]) -> list[Principal]:
        """Return those of these principals that exist."""
        return [row for row in self._table.rows() if row.name in set(names)]

    async def by_ids(self, principal_ids: Sequence[str]) -> list[Principal]:
        """Return those of these principals that exist."""
        return self._table.pick(principal_ids)

    async def all(self) -> list[Principal]:
        """Return everybody, by name."""
        return sorted(self._table.rows(), key=lambda row: row.name)

    async def seen(self, principal_ids: Sequence[str], at: int) -> None:
        """Move `last_seen_at` forward."""
        for row in self._table.pick(principal_ids):
            self._table.put(row.id, _seen(row, at))

    async def set_status(self, principal_id: str, status: str | None, at: int) -> None:
        """Set the presence text and move `last_seen_at` forward."""
        if (row := self._table.get(principal_id)) is not None:
            self._table.put(row.id, replace(_seen(row, at), status=status))


def _seen(principal: Principal, at: int) -> Principal:
    return replace(principal, last_seen_at=max(at, principal.last_seen_at or at))
