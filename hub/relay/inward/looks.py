"""Looks: links are swept while their events go on being processed; asking a platform can take minutes.

What the platform tells of a message is older than an event about it that was processed meanwhile: such a message is
asked for once more. And a post that was under way in an interruption can have been reacted to in it, before anybody
knew which post it was: once that is known, the link is swept again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.relay.contract import inbound
from hub.relay.inward.arrivals import Piece
from hub.relay.inward.gate import Gate
from hub.relay.inward.sweep import Sweep

_ROUNDS = 3
"""So often they are asked for once more; then the link's events wait for the answer."""


@dataclass(frozen=True, slots=True)
class _Swept:
    """Of which interruption a sweep was, and what was being posted when it began: that may be missing in it."""

    listened: int
    unknown: frozenset[Piece]


@dataclass(frozen=True, slots=True)
class _Look:
    """A sweep that goes on; `touched` are the messages that events were about meanwhile."""

    task: asyncio.Task[list[inbound.Current]]
    listened: int
    unknown: frozenset[Piece]
    rounds: int = 0
    touched: set[str] = field(default_factory=set)


class Looks:
    """The sweeps of one running bridge; `wake` is called when there is something to take over for a link."""

    def __init__(self, sweep: Sweep, wake: Callable[[str], None]) -> None:
        self._sweep = sweep
        self._wake = wake
        self._looks: dict[str, _Look] = {}
        self._swept: dict[str, _Swept] = {}

    def touch(self, link_id: str, remote_id: str) -> None:
        """Say that an event about a message was processed."""
        look = self._looks.get(link_id)
        if look is not None:
            look.touched.add(remote_id)

    async def advance(self, gate: Gate, listened: int) -> bool:
        """Begin to sweep a link, or take over what was found, which is True.

        Raises:
            BridgeError: the platform could not be asked; the next time it is asked again.
        """
        link_id = gate.link.id
        look = self._looks.get(link_id)
        if look is not None and look.listened != listened:
            await self.end(link_id)
            look = None
        if look is None:
            await self._begin_if_due(gate, listened)
            return False
        if not look.task.done():
            return False
        del self._looks[link_id]
        await self._take_over(gate, look)
        return True

    async def end(self, link_id: str) -> None:
        """Break a link's sweep off."""
        look = self._looks.pop(link_id, None)
        if look is not None:
            look.task.cancel()
            await asyncio.gather(look.task, return_exceptions=True)

    async def forget(self, link_id: str) -> None:
        """Have a link swept anew when its turn comes."""
        await self.end(link_id)
        self._swept.pop(link_id, None)

    async def _begin_if_due(self, gate: Gate, listened: int) -> None:
        link_id = gate.link.id
        swept = self._swept.get(link_id)
        if swept is None or swept.listened != listened:
            self._begin(gate, listened, await self._sweep.under_way(link_id))
        elif swept.unknown:
            still = swept.unknown & await self._sweep.under_way(link_id)  # others are posted since the interruption
            if still != swept.unknown:
                self._begin(gate, listened, still)

    def _begin(
        self,
        gate: Gate,
        listened: int,
        unknown: frozenset[Piece],
        only: set[str] | None = None,
        rounds: int = 0,
    ) -> None:
        link_id = gate.link.id
        task = asyncio.create_task(self._sweep.look(gate, only), name=f"sweep of {link_id}")
        task.add_done_callback(lambda _: self._wake(link_id))
        self._looks[link_id] = _Look(task, listened, unknown, rounds)

    async def _take_over(self, gate: Gate, look: _Look) -> None:
        found = look.task.result()
        await self._sweep.take_over(gate, [it for it in found if it.remote_id not in look.touched])
        again = look.touched.intersection(it.remote_id for it in found)
        if again and look.rounds < _ROUNDS:
            self._begin(gate, look.listened, look.unknown, again, look.rounds + 1)
            return
        if again:
            await self._sweep.take_over(gate, await self._sweep.look(gate, again))
        self._swept[gate.link.id] = _Swept(look.listened, look.unknown)
