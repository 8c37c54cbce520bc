"""Reactions in: who hung which emoji on a message of a platform, done on the hub in their names.

A mark is kept before the hub knows of the reaction, so that it never looks like one from elsewhere, which would be
shown on the platform once more.
"""

import contextlib

from airchat.protocol.errors import Conflict, InvalidInput, NotFound
from hub.core.reactions import Reactions
from hub.relay.contract import inbound
from hub.relay.inward.gate import Gate, acting
from store.ports.counterparts import OURS, Mark, Pair
from store.ports.store import Store
from store.ports.unit import Unit


class Reacting:
    """Adds and takes back reactions."""

    def __init__(self, store: Store, reactions: Reactions) -> None:
        self._store = store
        self._reactions = reactions

    async def react(self, gate: Gate, pair: Pair, user: inbound.User, emoji: str, *, added: bool) -> None:
        """Do what somebody did."""
        principal = await acting(gate, user)
        mark = Mark(pair.link_id, pair.remote_id, emoji, user.id, principal.id)
        if added:
            await self._keep(mark)
            try:
                await self._reactions.add(principal, pair.message_id, emoji)
            except (InvalidInput, NotFound, Conflict):
                await self._forget(mark)
                raise
        else:
            await self.take_back(mark)

    async def clear(self, pair: Pair, emoji: str | None) -> int:
        """Take back all reactions that came from there, or all with that emoji; return how many."""
        marks = [mark for mark in await self.marks(pair) if emoji in (None, mark.emoji)]
        for mark in marks:
            await self.take_back(mark)
        return len(marks)

    async def marks(self, pair: Pair) -> list[Mark]:
        """Return the reactions that came from there."""
        async with self._store.read() as unit:
            return [
                mark
                for mark in await unit.counterparts.marks(pair.link_id, [pair.remote_id])
                if mark.remote_user != OURS
            ]

    async def take_back(self, mark: Mark) -> None:
        """Take back what somebody there took back."""
        async with self._store.read() as unit:
            pair = await unit.counterparts.of_remote(mark.link_id, mark.remote_id)
            kept = await unit.counterparts.marks(mark.link_id, [mark.remote_id])
            known = next((it for it in kept if (it.emoji, it.remote_user) == (mark.emoji, mark.remote_user)), mark)
            principal = await unit.principals.get(known.principal_id)
        if pair is not None and principal is not None:
            with contextlib.suppress(InvalidInput, NotFound):  # the message is gone, and its reactions with it
                await self._reactions.remove(principal, pair.message_id, mark.emoji)
        await self._forget(mark)

    async def _keep(self, mark: Mark) -> None:
        async def work(unit: Unit) -> None:
            await unit.counterparts.mark(mark)

        await self._store.write(work)

    async def _forget(self, mark: Mark) -> None:
        async def work(unit: Unit) -> None:
            await unit.counterparts.unmark(mark)

        await self._store.write(work)
