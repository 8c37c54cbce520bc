"""Sweep: after an interruption, what is known already is looked through for edits, deletions and reactions missed."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from hub.core.clock import Clock
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Window
from hub.relay.counters import Count, Counters
from hub.relay.inward.arrivals import Arrivals, Piece, under_way
from hub.relay.inward.gate import Gate, mirrored
from hub.relay.outward.bodies import hash_of
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.store import Store

REACH_SECONDS = 24 * 3600
MESSAGES = 200
"""How far back is looked, and at how many messages."""


class Sweep:
    """Compares how messages stand on a platform with what the hub has taken over."""

    def __init__(self, store: Store, clock: Clock, arrivals: Arrivals, counters: Counters) -> None:
        self._store = store
        self._clock = clock
        self._arrivals = arrivals
        self._counters = counters

    async def under_way(self, link_id: str) -> frozenset[Piece]:
        """Return what the hub is posting over a link: it can be on the platform, and is not known yet."""
        async with self._store.read() as unit:
            return await under_way(unit, link_id)

    async def look(self, gate: Gate, only: AbstractSet[str] | None = None) -> list[inbound.Current]:
        """Return how the newest messages of a link stand on the platform, or those of them that are named.

        Raises:
            BridgeError: the platform cannot be asked.
        """
        pairs = [pair for pair in await self._pairs(gate) if only is None or pair.remote_id in only]
        if not pairs:
            return []
        threads = {pair.remote_id: pair.thread for pair in pairs if pair.thread is not None}
        window = Window(gate.link.remote_channel, tuple(pair.remote_id for pair in pairs), threads)
        return [current async for current in gate.bridge.sweep(window, gate.identities)]

    async def take_over(self, gate: Gate, found: Sequence[inbound.Current]) -> None:
        """Take over what differs; no event about these messages may have been processed since they were looked at."""
        pairs = {pair.remote_id: pair for pair in await self._pairs(gate)} if found else {}
        for current in found:
            pair = pairs.get(current.remote_id)
            if pair is not None:
                changes = await self._compare(gate, pair, current)
                self._counters.add(gate.link.platform, Count.SWEPT, changes)

    async def _pairs(self, gate: Gate) -> Sequence[Pair]:
        since = self._clock() - REACH_SECONDS * 1_000_000
        async with self._store.read() as unit:
            return await unit.counterparts.recent(gate.link.id, since, MESSAGES)

    async def _compare(self, gate: Gate, pair: Pair, current: inbound.Current) -> int:
        """Take over what differs; return how many changes that were."""
        message = current.message
        if message is None:
            await self._arrivals.delete(gate, pair)
            return 1
        changes = 0
        edited = pair.inbound and message.version >= pair.version and hash_of(message.text) != pair.hash
        if edited and message.text.strip() and mirrored(gate, Mirrored.EDITS):
            await self._arrivals.edit(gate, pair, inbound.Edit(pair.remote_id, message.text, message.version))
            changes += 1
        if current.reactions is not None and mirrored(gate, Mirrored.REACTIONS):
            changes += await self._reactions(gate, pair, current.reactions)
        return changes

    async def _reactions(self, gate: Gate, pair: Pair, there: frozenset[tuple[inbound.User, str]]) -> int:
        """Compare who reacts there with what the hub has; a mark alone can be what a crash left behind."""
        reacting, rules = self._arrivals.reacting, rules_of(gate.link)
        known = {(mark.remote_user, mark.emoji): mark for mark in await reacting.marks(pair)}
        async with self._store.read() as unit:
            here = {(it.principal_id, it.emoji) for it in await unit.messages.reactions([pair.message_id])}
        changes = 0
        for user, emoji in there:
            mark = known.pop((user.id, emoji), None)
            if (mark is None or (mark.principal_id, emoji) not in here) and rules.takes(user):
                await reacting.react(gate, pair, user, emoji, added=True)
                changes += 1
        for mark in known.values():
            await reacting.take_back(mark)
        return changes + len(known)
