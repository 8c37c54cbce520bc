"""Messages out: brings a platform to show what a message says now, or that it is gone.

Nothing is derived from what the event was: what is there is compared with what should be there, step by step. So an
edit of what was not sent yet is sent at once, what was deleted before is never sent, and a step that was broken off is
taken again.
"""

from dataclasses import replace

from airchat.protocol.messages import is_unfinished
from hub.relay.contract.bridge import Capability
from hub.relay.contract.desk import Desk
from hub.relay.outward.bodies import Bodies, hash_of
from hub.relay.outward.changes import Changes
from hub.relay.outward.errand import Errand
from hub.relay.outward.notices import Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.posts import Posts
from hub.relay.outward.references import HOLD_SECONDS, Held, References
from hub.relay.outward.unfinished import Unfinished, is_open, is_overdue, with_hash
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingKind, OutgoingState
from store.ports.store import Store


class Messages:
    """Sends messages, their edits and deletions."""

    def __init__(
        self,
        store: Store,
        references: References,
        bodies: Bodies,
        desk: Desk,
        notices: Notices,
        *,
        unfinished: Unfinished,
    ) -> None:
        self._store = store
        self._references = references
        self._bodies = bodies
        self._desk = desk
        self._unfinished = unfinished
        self._posts = Posts(store, references, unfinished)
        self._changes = Changes(store, references, notices, unfinished)

    async def advance(self, outlet: Outlet, outgoing: Outgoing) -> None:
        """Do all that one event about a message asks for.

        Raises:
            BridgeError: it has to wait, or is refused.
        """
        errand = await self._errand(outlet, outgoing)
        if is_overdue(outgoing):
            if errand is not None:
                await self._changes.close(errand)
            self._unfinished.forget(outlet.link.id, outgoing.subject_id)
            return
        if errand is None:
            await outlet.finish(outgoing)
            return
        if outgoing.state is OutgoingState.SENDING:
            errand = await self._posts.settle(errand)
        if any(pair.inbound for pair in errand.pairs):
            await self._changes.take_back_theirs(errand)
        elif errand.message.deleted_at is not None:
            await self._changes.withdraw(errand)
        elif not errand.pairs and not errand.shows_edits and is_unfinished(errand.message.metadata):
            await outlet.finish(outgoing)  # it is posted when it is finished
        elif errand.pairs or outgoing.kind is OutgoingKind.MESSAGE or errand.has_waited:
            await self._bring_up_to_date(errand)
        elif self._references.arriving(outlet.link, errand.message, outgoing.planned_at):
            raise Held("the message has not got its counterpart yet", HOLD_SECONDS)
        else:
            await outlet.finish(outgoing)

    async def _errand(self, outlet: Outlet, outgoing: Outgoing) -> Errand | None:
        async with self._store.read() as unit:
            message = await unit.messages.get(outgoing.subject_id)
            pairs = await unit.counterparts.of_message(outlet.link.id, outgoing.subject_id)
        if message is None:
            return None
        threads = Mirrored.THREADS in rules_of(outlet.link).mirror or is_overdue(outgoing)
        if message.parent_id is not None and not threads:
            return None
        author = self._references.author_of(message)
        placed = await self._references.place(outlet.link, message)
        body = await self._bodies.of(outlet.link, outlet.bridge, message, author, placed)
        return Errand(outlet, outgoing, message, pairs, placed, body, author, await self._desk.buttons(message))

    async def _bring_up_to_date(self, errand: Errand) -> None:
        hash_now, live = hash_of(errand.message.content), errand.live
        stale = any(pair != self._as_it_should_be(errand, pair, hash_now) for pair in live.values())
        opened = any(is_open(pair) for pair in live.values())
        if errand.pairs and 0 not in live:
            self._unfinished.forget(errand.outlet.link.id, errand.message.id)
            await errand.outlet.finish(errand.outgoing)  # somebody has removed it there
        elif stale and not opened and Mirrored.EDITS not in rules_of(errand.outlet.link).mirror:
            await errand.outlet.finish(errand.outgoing)
        elif stale and not errand.outlet.can(Capability.EDIT):
            await self._changes.correct(errand, hash_now)
        else:
            await self._match(errand, hash_now)

    async def _match(self, errand: Errand, hash_now: str) -> None:
        """Post, edit and remove pieces until they are as they should be."""
        wanted, live, outgoing = errand.body.pieces(errand.message.content), errand.live, errand.outgoing
        for number, text in enumerate(wanted):
            pair = live.get(number)
            if pair is None:
                last = number == len(wanted) - 1 and number >= max(live, default=-1)
                outgoing = await self._posts.send(replace(errand, outgoing=outgoing), number, text, last=last)
            elif pair != (wanted_pair := self._as_it_should_be(errand, pair, hash_now)) or errand.renews_buttons(pair):
                await self._changes.edit(errand, pair, text, wanted_pair)
        for number, pair in live.items():
            if number >= len(wanted):
                await self._changes.remove(errand, pair)
        if outgoing.state is not OutgoingState.SENT:
            await errand.outlet.finish(outgoing)

    def _as_it_should_be(self, errand: Errand, pair: Pair, hash_now: str) -> Pair:
        return with_hash(pair, hash_now, still_open=self._unfinished.stays_open(pair, errand.message))
