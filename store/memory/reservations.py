"""Reservations in memory."""

from dataclasses import replace

from airchat.protocol.reservations import Reservation
from store.memory.tables import Tables


class MemoryReservations:
    """See `store.ports.reservations.Reservations`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.reservations

    async def insert(self, reservation: Reservation) -> None:
        """Store a new reservation."""
        self._table.put(reservation.id, reservation)

    async def renew(self, reservation_id: str, lease_seconds: int, expires_at: int) -> None:
        """Give it another lease."""
        if (known := self._table.get(reservation_id)) is not None:
            self._table.put(known.id, replace(known, lease_seconds=lease_seconds, expires_at=expires_at))

    async def delete(self, reservation_id: str) -> bool:
        """Remove it."""
        return self._table.remove(reservation_id)

    async def get(self, reservation_id: str) -> Reservation | None:
        """Return the reservation."""
        known = self._table.get(reservation_id)
        return None if known is None else self._named(known)

    async def live(self, at: int, limit: int, project: str | None = None) -> list[Reservation]:
        """Return those whose time is not over, oldest first."""
        rows = [row for row in self._table.rows() if row.expires_at > at and project in {None, row.project}]
        return [self._named(row) for row in sorted(rows, key=lambda row: (row.created_at, row.id))[:limit]]

    async def count_of(self, agent_id: str, at: int) -> int:
        """Return how many an agent has."""
        return sum(row.agent_id == agent_id and row.expires_at > at for row in self._table.rows())

    async def lapsed(self, at: int, limit: int) -> list[Reservation]:
        """Return those whose time is over."""
        rows = [row for row in self._table.rows() if row.expires_at <= at]
        return [self._named(row) for row in sorted(rows, key=lambda row: (row.expires_at, row.id))[:limit]]

    def _named(self, row: Reservation) -> Reservation:
        return replace(row, agent_name=self._tables.principals[row.agent_id].name)
