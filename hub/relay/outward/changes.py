"""Changes: edits and takes back what was posted of a message, or says in words what cannot be changed."""

import logging
from dataclasses import replace

from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import CannotCarry, Refused
from hub.relay.contract.outbound import Change, Delete, Edit
from hub.relay.outward.bodies import hash_of
from hub.relay.outward.errand import Errand
from hub.relay.outward.notices import Notices
from hub.relay.outward.references import References
from hub.relay.outward.unfinished import Unfinished, is_open, told, with_hash
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.store import Store

_UNKNOWN = "?"

_log = logging.getLogger(__name__)


class Changes:
    """Changes what is there, piece by piece."""

    def __init__(self, store: Store, references: References, notices: Notices, unfinished: Unfinished) -> None:
        self._store = store
        self._references = references
        self._notices = notices
        self._unfinished = unfinished

    async def edit(self, errand: Errand, pair: Pair, text: str, wanted: Pair) -> None:
        """Give one piece its new text, where it differs, or its new buttons; or finish it."""
        there, before, finishes = True, await self._before(errand, pair), is_open(pair) and not is_open(wanted)
        if text != before or finishes or errand.renews_buttons(pair):
            edit = Edit(
                errand.outlet.link.remote_channel,
                self._references.to(errand.message, pair.remote_id),
                errand.author,
                text,
                before,
                errand.placed.thread,
                buttons=errand.buttons if pair.number == 0 else (),
                unfinished=is_open(wanted),
                finishes=finishes,
                token=f"{errand.message.id}:{pair.number}",
            )
            # Until it is done, it can be either.
            await errand.outlet.save_pair(with_hash(pair, _UNKNOWN, still_open=is_open(pair)))
            try:
                there = await errand.outlet.change(edit)
            except CannotCarry:
                await self._notices.say(errand.outlet, errand.outgoing, [edit], errand.author, errand.placed)
        after = replace(wanted, gone=not there)
        await errand.outlet.save_pair(after)
        self._unfinished.note(after)

    async def close(self, errand: Errand) -> None:
        """Finish what is open for too long, as what it says: what its message says by now has an errand of its own."""
        for pair in (one for one in errand.live.values() if is_open(one)):
            if errand.message.deleted_at is not None and errand.outlet.can(Capability.DELETE):
                await self.remove(errand, pair)
            elif errand.message.deleted_at is None and errand.outlet.can(Capability.EDIT):
                said, now = await self._before(errand, pair), errand.body.pieces(errand.message.content)[pair.number]
                hash_then = hash_of(errand.message.content) if said is None else told(pair)
                wanted = with_hash(pair, hash_then, still_open=False)
                await self.edit(errand, pair, now if said is None else said, wanted)

    async def correct(self, errand: Errand, hash_now: str) -> None:
        """Say what the message says now, where it cannot be edited."""
        live = errand.live
        before = await self._old_text(errand, told(live[0]))
        target = self._references.to(errand.message, live[0].remote_id)
        link = errand.outlet.link
        edit = Edit(link.remote_channel, target, errand.author, errand.message.content, before, errand.placed.thread)
        await self._notices.say(errand.outlet, errand.outgoing, [edit], errand.author, errand.placed)
        for pair in live.values():
            await errand.outlet.save_pair(replace(pair, hash=hash_now))
        self._unfinished.forget(link.id, errand.message.id)
        await errand.outlet.finish(errand.outgoing)

    async def withdraw(self, errand: Errand) -> None:
        """Take back what was posted of a message that is deleted."""
        live = sorted(errand.live.items())
        opened = any(is_open(pair) for _, pair in live)
        if live and (opened or Mirrored.DELETES in rules_of(errand.outlet.link).mirror):
            try:
                for _, pair in live:
                    await self.remove(errand, pair)
            except CannotCarry:
                gone = self._deletion(errand, live[0][1])
                await self._notices.say(errand.outlet, errand.outgoing, [gone], errand.author, errand.placed)
                for _, pair in live:
                    await errand.outlet.save_pair(replace(pair, gone=True))
        await errand.outlet.finish(errand.outgoing)

    async def remove(self, errand: Errand, pair: Pair) -> None:
        """Take back one piece.

        Raises:
            BridgeError: it is still there; CannotCarry when the platform takes nothing back.
        """
        await errand.outlet.change(self._deletion(errand, pair))
        await errand.outlet.save_pair(replace(pair, gone=True))
        self._unfinished.forget(pair.link_id, pair.message_id)

    async def take_back_theirs(self, errand: Errand) -> None:
        """Delete on its platform what was written there and deleted here, where that is allowed."""
        pair = next(pair for pair in errand.pairs if pair.inbound)
        if errand.message.deleted_at is not None and not pair.gone:
            try:
                await errand.outlet.change(self._deletion(errand, pair))
            except Refused as error:  # only its author, or who moderates that channel, may
                _log.info("what was deleted here stays over link %s: %s", errand.outlet.link.id, error)
            else:
                await errand.outlet.save_pair(replace(pair, gone=True))
        await errand.outlet.finish(errand.outgoing)

    def _deletion(self, errand: Errand, pair: Pair) -> Change:
        target = self._references.to(errand.message, pair.remote_id)
        thread = errand.placed.thread
        return Delete(errand.outlet.link.remote_channel, target, errand.author, thread, unfinished=is_open(pair))

    async def _before(self, errand: Errand, pair: Pair) -> str | None:
        """Return what a piece said before, None when that is not known any more."""
        old = await self._old_text(errand, told(pair))
        pieces = [] if old is None else errand.body.pieces(old)
        return pieces[pair.number] if pair.number < len(pieces) else None

    async def _old_text(self, errand: Errand, wanted: str) -> str | None:
        """Return the text with that hash that the message has or had."""
        if wanted == hash_of(errand.message.content):
            return errand.message.content
        async with self._store.read() as unit:
            revisions = await unit.messages.revisions(errand.message.id)
        return next((it.content for it in reversed(revisions) if hash_of(it.content) == wanted), None)
