"""Port: reservations of files."""

from typing import Protocol

from airchat.protocol.reservations import Reservation


class Reservations(Protocol):
    """Reservations by id; one whose time is over stays until it is deleted. `agent_name` is the holder's name now."""

    async def insert(self, reservation: Reservation) -> None:
        """Store a new reservation."""
        ...

    async def renew(self, reservation_id: str, lease_seconds: int, expires_at: int) -> None:
        """Give it another lease."""
        ...

    async def delete(self, reservation_id: str) -> bool:
        """Remove it; False when there is none."""
        ...

    async def get(self, reservation_id: str) -> Reservation | None:
        """Return the reservation."""
        ...

    async def live(self, at: int, limit: int, project: str | None = None) -> list[Reservation]:
        """Return those that expire after `at`, of a project or of all, oldest first."""
        ...

    async def count_of(self, agent_id: str, at: int) -> int:
        """Return how many of an agent's expire after `at`."""
        ...

    async def lapsed(self, at: int, limit: int) -> list[Reservation]:
        """Return those that expire at `at` or before, oldest first."""
        ...
