"""Rounds: when each session is looked after. Who has nothing to be asked rests until something happens or it is time.

So a session without traffic costs nothing, however many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, cycle
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only passed on
    from bridges.irc.session import Session

_ROUND_SECONDS = 1.0
_TURNS = 10
"""In a round every session that does not rest is looked after once, in so many turns: all at once would keep what they
say waiting."""

LookAfter = Callable[["Session", float], float | None]
"""Looks after a session at a time of the loop; returns until when that is enough, None to do it again next round."""


@dataclass(slots=True, eq=False)
class _Place:
    """Where a session stands: in its `turn`, or resting until it is woken, at `call` (loop time) at the latest."""

    session: Session | None
    turn: set[_Place]
    call: float = inf


class Rounds:
    """The sessions that are followed. `run` goes round and round."""

    def __init__(self, look_after: LookAfter) -> None:
        self._look_after = look_after
        self._turns: tuple[set[_Place], ...] = tuple(set() for _ in range(_TURNS))
        self._next_turn = cycle(self._turns)
        self._places: dict[Session, _Place] = {}
        self._calls: list[tuple[float, int, _Place]] = []
        self._number = count()
        self._stirred = asyncio.Event()

    def follow(self, session: Session) -> None:
        """Look after the session from the next round on."""
        place = self._places[session] = _Place(session, next(self._next_turn))
        self._enter(place)

    def forget(self, session: Session) -> None:
        """Look after it no longer."""
        place = self._places.pop(session, None)
        if place is not None:
            place.turn.discard(place)
            place.session = None

    def wake(self, session: Session) -> None:
        """Look after a session that rests: something came for it."""
        session.resting = False
        place = self._places.get(session)
        if place is not None:
            self._enter(place)

    def _enter(self, place: _Place) -> None:
        place.turn.add(place)
        self._stirred.set()

    async def run(self) -> None:
        """Go on for ever."""
        loop = asyncio.get_running_loop()
        for turn in cycle(self._turns):
            if not any(self._turns):
                await self._sleep(loop)
            await asyncio.sleep(_ROUND_SECONDS / _TURNS)
            now = loop.time()
            while self._calls and self._calls[0][0] <= now:
                at, _, place = heappop(self._calls)
                if at == place.call and place.session is not None:  # else it was to be woken earlier, or is gone
                    place.call = inf
                    self.wake(place.session)
            for place in list(turn):
                if place.session is not None:  # else it ended since this turn began
                    until = self._look_after(place.session, now)
                    if until is not None:
                        self._rest(place, place.session, until)

    async def _sleep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait, since everybody rests, until somebody does not, or until it is time to wake one."""
        self._stirred.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._calls[0][0] - loop.time() if self._calls else None):
                await self._stirred.wait()

    def _rest(self, place: _Place, session: Session, until: float) -> None:
        place.turn.discard(place)
        session.resting = True
        if until < place.call:  # else it is woken earlier, and rests anew
            place.call = until
            heappush(self._calls, (until, next(self._number), place))
