"""Arrivals: does on the hub what a decoded event says, and tells the inbox how it ended."""

import asyncio
from dataclasses import dataclass, replace

from airchat.protocol.errors import HubError
from hub.core.clock import Clock
from hub.relay.contract import inbound
from hub.relay.contract.errors import Refused
from hub.relay.counters import Count, Counters
from hub.relay.inward.channel import Happenings
from hub.relay.inward.gate import Gate, acting, mirrored
from hub.relay.inward.messages import Writings
from hub.relay.inward.orders import Orders
from hub.relay.inward.reactions import Reacting
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.queues import Received
from store.ports.store import Store
from store.ports.unit import Unit

HELD_SECONDS = 600
"""For how long an event waits for the message that it is about."""

_LOOK_SECONDS = 0.1

Piece = tuple[int, int]
"""A piece that goes out: which event it is of, by `seq`, and its number."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Processes events of links, one at a time for each link."""

    store: Store
    clock: Clock
    writings: Writings
    reacting: Reacting
    happenings: Happenings
    orders: Orders
    counters: Counters

    async def take(self, gate: Gate, received: Received, event: inbound.Inbound | None) -> None:
        """Do what the event says, and mark it as processed; what is about an unknown message waits for that.

        For an archived channel nothing is done: whoever writes there was told so.

        Raises:
            HubError: it cannot be done, or not now.
            BridgeError: the platform has to be asked, and cannot be now.
        """
        match event:
            case inbound.ChannelState():
                await self.happenings.state(gate, event, received.key)
                await self.finish(received)
            case _ if gate.channel.archived:
                await self.finish(received)
            case inbound.Message():
                await self._message(gate, received, event)
            case inbound.Edit() | inbound.Delete() | inbound.React() | inbound.ClearReactions():
                await self._about_message(gate, received, event)
            case inbound.Topic() if mirrored(gate, Mirrored.TOPIC) and self._takes(gate, event.user):
                await self.happenings.topic(gate, event)
                await self.finish(received)
            case inbound.Member() if mirrored(gate, Mirrored.JOINS) and self._takes(gate, event.user):
                await self.happenings.member(gate, event)
                await self.finish(received)
            case _:
                await self.finish(received)

    async def finish(self, received: Received, pair: Pair | None = None, error: str | None = None) -> None:
        """Mark an event as processed; with a new pair, let go what waited for it."""
        now = self.clock()

        async def work(unit: Unit) -> None:
            if pair is not None:
                await unit.counterparts.add(pair)
                await unit.counterparts.save(pair)
                await unit.queues.release(pair.link_id, pair.remote_id)
            await unit.queues.processed(received, now, error)

        await self.store.write(work)

    async def expire(self, gate: Gate) -> None:
        """Give up on events that waited for their message in vain."""
        before = self.clock() - HELD_SECONDS * 1_000_000
        async with self.store.read() as unit:
            held = await unit.queues.held_since(gate.link.id, before, 100)
        for received in held:
            self.counters.add(gate.link.platform, Count.EXPIRED)
            await self.finish(received)

    async def _message(self, gate: Gate, received: Received, message: inbound.Message) -> None:
        if not self._takes(gate, message.author):
            await self.finish(received)
            return
        blank = not message.text.strip() and not message.files
        apart = message.thread_id is not None and not mirrored(gate, Mirrored.THREADS)
        if blank or apart:
            await self.finish(received)
            return
        known = await self._pair(gate, message.remote_id)
        if known is not None:
            again = inbound.Edit(message.remote_id, message.text, message.version)
            await self._edit(gate, received, known, again)
            return
        parent_id = await self._parent(gate, message)
        pair = await self.writings.post(gate, message, parent_id)
        await self.orders.heed(gate, await acting(gate, message.author), message.text, pair.message_id)
        await self.finish(received, pair)

    async def _about_message(
        self,
        gate: Gate,
        received: Received,
        event: inbound.Edit | inbound.Delete | inbound.React | inbound.ClearReactions,
    ) -> None:
        pair = await self._pair(gate, event.remote_id)
        if pair is None:
            await self._hold(gate, received, event.remote_id)
            return
        match event:
            case inbound.Edit():
                await self._edit(gate, received, pair, event)
            case inbound.Delete():
                await self._delete(gate, pair)
                await self.finish(received)
            case inbound.React():
                if mirrored(gate, Mirrored.REACTIONS) and self._takes(gate, event.user) and not pair.gone:
                    await self.reacting.react(gate, pair, event.user, event.emoji, added=event.added)
                await self.finish(received)
            case inbound.ClearReactions():
                await self.reacting.clear(pair, event.emoji)
                await self.finish(received)

    async def _edit(self, gate: Gate, received: Received, pair: Pair, edit: inbound.Edit) -> None:
        """Take over an edit of what was written there, unless a newer one was; our own posts are not edited there."""
        newer = edit.version > pair.version
        if pair.inbound and newer and not pair.gone and mirrored(gate, Mirrored.EDITS) and edit.text.strip():
            await self.finish(received, await self.writings.edit(gate, pair, edit))
        else:
            await self.finish(received)

    async def edit(self, gate: Gate, pair: Pair, edit: inbound.Edit) -> None:
        """Take over an edit that was found afterwards."""
        await self._save(await self.writings.edit(gate, pair, edit))

    async def _delete(self, gate: Gate, pair: Pair) -> None:
        """Delete what was written there; of what the hub posted only the counterpart is gone.

        It is marked first, so that nobody is asked to delete it there once more; broken off, the event comes again.
        """
        await self._save(replace(pair, gone=True))
        if pair.inbound and mirrored(gate, Mirrored.DELETES):
            await self.writings.delete(gate, pair)

    async def delete(self, gate: Gate, pair: Pair) -> None:
        """Delete what was found to be gone; it is marked last, because nothing else would bring it up again."""
        if pair.inbound and mirrored(gate, Mirrored.DELETES):
            await self.writings.delete(gate, pair)
        await self._save(replace(pair, gone=True))

    async def _hold(self, gate: Gate, received: Received, remote_id: str) -> None:
        """Let the event wait for its message, unless that has come meanwhile: then it is processed next."""

        async def work(unit: Unit) -> bool:
            if await unit.counterparts.of_remote(received.link_id, remote_id) is not None:
                return False
            await unit.queues.hold(received, remote_id)
            return True

        if await self.store.write(work):
            self.counters.add(gate.link.platform, Count.HELD)

    async def _parent(self, gate: Gate, message: inbound.Message) -> str | None:
        """Return the message that this one answers, None when it is not known here."""
        for remote_id in (message.reply_to, message.thread_id):
            pair = None if remote_id is None else await self._pair_at_last(gate, remote_id)
            if pair is not None:
                return pair.message_id
        return None

    async def _pair_at_last(self, gate: Gate, remote_id: str) -> Pair | None:
        """Return the pair of a remote message; one that the hub itself is posting is waited for until that is over."""
        held: frozenset[Piece] | None = None
        while True:
            async with self.store.read() as unit:
                pair = await unit.counterparts.of_remote(gate.link.id, remote_id)
                sending = await under_way(unit, gate.link.id)
            held = sending if held is None else held & sending
            if pair is not None or not held:
                return pair
            await asyncio.sleep(_LOOK_SECONDS)

    async def _pair(self, gate: Gate, remote_id: str) -> Pair | None:
        async with self.store.read() as unit:
            return await unit.counterparts.of_remote(gate.link.id, remote_id)

    async def _save(self, pair: Pair) -> None:
        async def work(unit: Unit) -> None:
            await unit.counterparts.save(pair)

        await self.store.write(work)

    def _takes(self, gate: Gate, user: inbound.User) -> bool:
        taken = rules_of(gate.link).takes(user)
        if not taken:
            self.counters.add(gate.link.platform, Count.IGNORED)
        return taken


async def under_way(unit: Unit, link_id: str) -> frozenset[Piece]:
    """Return the pieces that the hub is posting over a link, or does not know the outcome of.

    As a rule that is the first of the lane; a dead letter that is replayed can come before it.
    """
    return frozenset((it.seq, it.number) for it in await unit.queues.sending(link_id))


def is_final(error: Exception) -> bool:
    """Tell whether trying again cannot help."""
    if isinstance(error, HubError):
        return not error.retryable
    return isinstance(error, Refused | KeyError | TypeError | ValueError | AttributeError | IndexError)
