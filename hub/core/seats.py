"""Seats: of several sessions that would work as the same principal, one does. It keeps its place through a short break.

Which session sits is known in memory; a lead of the store keeps it so over all hubs that share the store.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Principal
from store.ports.store import Store

GRACE_SECONDS = 20.0
"""How long a seat is kept for a session whose connection broke."""

TRY_SECONDS = 4.0
"""How long another hub's seat may take to become free."""


@dataclass(slots=True, eq=False)
class _Seat:
    session: str
    held: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    keeper: asyncio.Task[None] | None = None


class Seats:
    """The seats of one hub."""

    def __init__(self, store: Store, grace: float = GRACE_SECONDS) -> None:
        self._store = store
        self._grace = grace
        self._seats: dict[str, _Seat] = {}

    @contextlib.asynccontextmanager
    async def taken(self, principal: Principal, session: str) -> AsyncIterator[None]:
        """Sit as the principal meanwhile; the same session may do so over several connections.

        Raises:
            Conflict: another session sits there.
        """
        seat = self._seats.get(principal.id)
        if seat is None:
            seat = self._seats[principal.id] = _Seat(session)
            seat.keeper = asyncio.create_task(self._keep(principal, seat), name=f"seat of {principal.name}")
        if seat.session != session:
            raise Conflict(f"Another session works as {principal.name}, and only one may at a time")
        seat.connections += 1
        try:
            await self._sat(principal, seat)
            yield
        finally:
            seat.connections -= 1
            if not seat.connections:
                self._stand_up(seat)

    async def close(self) -> None:
        """Free all seats."""
        keepers = [seat.keeper for seat in self._seats.values() if seat.keeper is not None]
        for keeper in keepers:
            keeper.cancel()
        if keepers:
            await asyncio.wait(keepers)

    async def _sat(self, principal: Principal, seat: _Seat) -> None:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await seat.held.wait()
        except TimeoutError:
            raise Conflict(f"Another session works as {principal.name}, by another hub") from None

    def _stand_up(self, seat: _Seat) -> None:
        """Free the seat, after a while if it was taken, unless the session comes back."""

        def leave() -> None:
            if not seat.connections and seat.keeper is not None:
                seat.keeper.cancel()

        asyncio.get_running_loop().call_later(self._grace if seat.held.is_set() else 0.0, leave)

    async def _keep(self, principal: Principal, seat: _Seat) -> None:
        try:
            async with self._store.lead(f"seat-{principal.id}"):
                seat.held.set()
                await asyncio.get_running_loop().create_future()
        finally:
            if self._seats.get(principal.id) is seat:
                del self._seats[principal.id]
