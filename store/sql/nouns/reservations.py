"""Reservations over SQL."""

from airchat.protocol.reservations import Reservation
from store.sql.session import Row, Session


def _reservation_of(row: Row) -> Reservation:
    return Reservation(
        id=row["id"],
        project=row["project"],
        pattern=row["pattern"],
        agent_id=row["agent_id"],
        agent_name=row["agent_name"],
        lease_seconds=row["lease_seconds"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        purpose=row["purpose"],
    )


class SqlReservations:
    """Implements `store.ports.reservations.Reservations`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def insert(self, reservation: Reservation) -> None:
        """See the port."""
        await self._session.execute(
            "reservations.insert",
            reservation.id,
            reservation.project,
            reservation.pattern,
            reservation.agent_id,
            reservation.purpose,
            reservation.lease_seconds,
            reservation.created_at,
            reservation.expires_at,
        )

    async def renew(self, reservation_id: str, lease_seconds: int, expires_at: int) -> None:
        """See the port."""
        await self._session.execute("reservations.renew", reservation_id, lease_seconds, expires_at)

    async def delete(self, reservation_id: str) -> bool:
        """See the port."""
        return await self._session.execute("reservations.delete", reservation_id) > 0

    async def get(self, reservation_id: str) -> Reservation | None:
        """See the port."""
        row = await self._session.fetch_one("reservations.get", reservation_id)
        return None if row is None else _reservation_of(row)

    async def live(self, at: int, limit: int, project: str | None = None) -> list[Reservation]:
        """See the port."""
        return [_reservation_of(row) for row in await self._session.fetch("reservations.live", at, limit, project)]

    async def count_of(self, agent_id: str, at: int) -> int:
        """See the port."""
        row = await self._session.fetch_one("reservations.count_of", agent_id, at)
        return 0 if row is None else int(row["count"])

    async def lapsed(self, at: int, limit: int) -> list[Reservation]:
        """See the port."""
        return [_reservation_of(row) for row in await self._session.fetch("reservations.lapsed", at, limit)]
