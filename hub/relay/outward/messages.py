"""Messages out: brings a platform to show what a message says now, or that it is gone.

Nothing is derived from what the event was: what is there is compared with what should be there, step by step. So an
edit of what was not sent yet is sent at once, what was deleted before is never sent, and a step that was broken off is
taken again.
"""

import logging
from dataclasses import dataclass, replace

from airchat.protocol.messages import Message, is_unfinished
from airchat.protocol.timestamps import HOUR
from hub.core.edits import FINISHED
from hub.relay.contract.bridge import Capability
from hub.relay.contract.desk import Button, Desk
from hub.relay.contract.errors import CannotCarry, Gone, Refused
from hub.relay.contract.outbound import Author, Change, Delete, Edit, Post
from hub.relay.inward.marks import is_broadcast
from hub.relay.outward.bodies import Bodies, Body, hash_of
from hub.relay.outward.notices import NOTICE, Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import HOLD_SECONDS, Held, Placed, References
from hub.relay.outward.unfinished import Unfinished, is_open, is_overdue, told, with_hash
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingKind, OutgoingState
from store.ports.store import Store

BUTTONS = "buttons"
"""In what an event means for a link: the buttons below the message may be others now."""

_NEAR = HOUR
_MANY = 1_000
_UNKNOWN = "?"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    """A message and all that is needed to bring one platform up to date with it."""

    outlet: Outlet
    outgoing: Outgoing
    message: Message
    pairs: list[Pair]
    placed: Placed
    body: Body
    author: Author
    buttons: tuple[Button, ...]

    @property
    def live(self) -> dict[int, Pair]:
        """The pieces that are there, by number."""
        return {pair.number: pair for pair in self.pairs if not pair.gone}

    @property
    def shows_edits(self) -> bool:
        """Whether people there can see it change."""
        return self.outlet.can(Capability.EDIT) and Mirrored.EDITS in rules_of(self.outlet.link).mirror

    @property
    def has_waited(self) -> bool:
        """Whether it was not posted because it was unfinished, and now is finished."""
        return FINISHED in self.outgoing.detail and not self.shows_edits

    def renews_buttons(self, pair: Pair) -> bool:
        """Tell whether it is about the buttons below that piece."""
        return BUTTONS in self.outgoing.detail and pair.number == 0 and self.outlet.can(Capability.EDIT)


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
        self._notices = notices
        self._unfinished = unfinished

    async def advance(self, outlet: Outlet, outgoing: Outgoing) -> None:
        """Do all that one event about a message asks for.

        Raises:
            BridgeError: it has to wait, or is refused.
        """
        case = await self._case(outlet, outgoing)
        if is_overdue(outgoing):
            if case is not None:
                await self._close(case)
            self._unfinished.forget(outlet.link.id, outgoing.subject_id)
            return
        if case is None:
            await outlet.finish(outgoing)
            return
        if outgoing.state is OutgoingState.SENDING:
            case = await self._settle(case)
        if any(pair.inbound for pair in case.pairs):
            await self._theirs(case)
        elif case.message.deleted_at is not None:
            await self._withdraw(case)
        elif not case.pairs and not case.shows_edits and is_unfinished(case.message.metadata):
            await outlet.finish(outgoing)  # it is posted when it is finished
        elif case.pairs or outgoing.kind is OutgoingKind.MESSAGE or case.has_waited:
            await self._bring_up_to_date(case)
        elif self._references.arriving(outlet.link, case.message, outgoing.planned_at):
            raise Held("the message has not got its counterpart yet", HOLD_SECONDS)
        else:
            await outlet.finish(outgoing)

    async def _case(self, outlet: Outlet, outgoing: Outgoing) -> _Case | None:
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
        return _Case(outlet, outgoing, message, pairs, placed, body, author, await self._desk.buttons(message))

    async def _settle(self, case: _Case) -> _Case:
        """Find out what became of a post of an unclear outcome."""
        outlet, outgoing = case.outlet, case.outgoing
        if outgoing.number <= NOTICE:
            return case
        post = await self._post(case, outgoing.number, outgoing.content)
        remote_id = await outlet.find(outgoing, replace(post, taken=await self._taken(case)))
        if remote_id is None:
            return case
        # What was posted may not be what the message says by now: then its hash does not fit, and it is edited.
        now = self._now_says(case, outgoing.number, outgoing.content)
        pair = self._pair(case, outgoing.number, remote_id, hash_of(case.message.content) if now else "")
        after = await outlet.record(outgoing, pair, last=False)
        return replace(case, outgoing=after, pairs=[*case.pairs, pair])

    async def _taken(self, case: _Case) -> frozenset[str]:
        """Return the remote ids near it that are known as other messages'."""
        link, since = case.outlet.link, (case.outgoing.attempted_at or case.outgoing.planned_at) - _NEAR
        async with self._store.read() as unit:
            return frozenset(pair.remote_id for pair in await unit.counterparts.recent(link.id, since, _MANY))

    async def _bring_up_to_date(self, case: _Case) -> None:
        hash_now, live = hash_of(case.message.content), case.live
        stale = any(pair != self._as_it_should_be(case, pair, hash_now) for pair in live.values())
        opened = any(is_open(pair) for pair in live.values())
        if case.pairs and 0 not in live:
            self._unfinished.forget(case.outlet.link.id, case.message.id)
            await case.outlet.finish(case.outgoing)  # somebody has removed it there
        elif stale and not opened and Mirrored.EDITS not in rules_of(case.outlet.link).mirror:
            await case.outlet.finish(case.outgoing)
        elif stale and not case.outlet.can(Capability.EDIT):
            await self._correct(case, hash_now)
        else:
            await self._match(case, hash_now)

    async def _match(self, case: _Case, hash_now: str) -> None:
        """Post, edit and remove pieces until they are as they should be."""
        wanted, live, outgoing = case.body.pieces(case.message.content), case.live, case.outgoing
        for number, text in enumerate(wanted):
            pair = live.get(number)
            if pair is None:
                last = number == len(wanted) - 1 and number >= max(live, default=-1)
                outgoing = await self._send(replace(case, outgoing=outgoing), number, text, last=last)
            elif pair != (wanted_pair := self._as_it_should_be(case, pair, hash_now)) or case.renews_buttons(pair):
                await self._edit(case, pair, text, wanted_pair)
        for number, pair in live.items():
            if number >= len(wanted):
                await self._remove(case, pair)
        if outgoing.state is not OutgoingState.SENT:
            await case.outlet.finish(outgoing)

    async def _send(self, case: _Case, number: int, text: str, *, last: bool) -> Outgoing:
        post = await self._post(case, number, text)
        try:
            remote_id, post = await case.outlet.post(case.outgoing, post, number)
        except Gone as error:
            if post.thread is None:
                raise
            self._references.lose(case.outlet.link, post.thread.message_id)
            raise Held("its thread is gone: it is said in the channel", HOLD_SECONDS) from error
        pair = self._pair(case, number, remote_id, "")
        pair = with_hash(pair, hash_of(case.message.content), still_open=post.unfinished)
        after = await case.outlet.record(case.outgoing, pair, last=last)
        self._unfinished.note(pair)
        return after

    def _as_it_should_be(self, case: _Case, pair: Pair, hash_now: str) -> Pair:
        return with_hash(pair, hash_now, still_open=self._unfinished.stays_open(pair, case.message))

    async def _edit(self, case: _Case, pair: Pair, text: str, wanted: Pair) -> None:
        """Give one piece its new text, where it differs, or its new buttons; or finish it."""
        there, before, finishes = True, await self._before(case, pair), is_open(pair) and not is_open(wanted)
        if text != before or finishes or case.renews_buttons(pair):
            edit = Edit(
                case.outlet.link.remote_channel,
                self._references.to(case.message, pair.remote_id),
                case.author,
                text,
                before,
                case.placed.thread,
                buttons=case.buttons if pair.number == 0 else (),
                unfinished=is_open(wanted),
                finishes=finishes,
                token=f"{case.message.id}:{pair.number}",
            )
            # Until it is done, it can be either.
            await case.outlet.save_pair(with_hash(pair, _UNKNOWN, still_open=is_open(pair)))
            try:
                there = await case.outlet.change(edit)
            except CannotCarry:
                await self._notices.say(case.outlet, case.outgoing, [edit], case.author, case.placed)
        after = replace(wanted, gone=not there)
        await case.outlet.save_pair(after)
        self._unfinished.note(after)

    async def _close(self, case: _Case) -> None:
        """Finish what is open for too long, as what it says: what its message says by now has an errand of its own."""
        for pair in (one for one in case.live.values() if is_open(one)):
            if case.message.deleted_at is not None and case.outlet.can(Capability.DELETE):
                await self._remove(case, pair)
            elif case.message.deleted_at is None and case.outlet.can(Capability.EDIT):
                said, now = await self._before(case, pair), case.body.pieces(case.message.content)[pair.number]
                hash_then = hash_of(case.message.content) if said is None else told(pair)
                wanted = with_hash(pair, hash_then, still_open=False)
                await self._edit(case, pair, now if said is None else said, wanted)

    async def _correct(self, case: _Case, hash_now: str) -> None:
        """Say what the message says now, where it cannot be edited."""
        live = case.live
        before = await self._old_text(case, told(live[0]))
        target = self._references.to(case.message, live[0].remote_id)
        link = case.outlet.link
        edit = Edit(link.remote_channel, target, case.author, case.message.content, before, case.placed.thread)
        await self._notices.say(case.outlet, case.outgoing, [edit], case.author, case.placed)
        for pair in live.values():
            await case.outlet.save_pair(replace(pair, hash=hash_now))
        self._unfinished.forget(link.id, case.message.id)
        await case.outlet.finish(case.outgoing)

    async def _withdraw(self, case: _Case) -> None:
        """Take back what was posted of a message that is deleted."""
        live = sorted(case.live.items())
        opened = any(is_open(pair) for _, pair in live)
        if live and (opened or Mirrored.DELETES in rules_of(case.outlet.link).mirror):
            try:
                for _, pair in live:
                    await self._remove(case, pair)
            except CannotCarry:
                gone = self._deletion(case, live[0][1])
                await self._notices.say(case.outlet, case.outgoing, [gone], case.author, case.placed)
                for _, pair in live:
                    await case.outlet.save_pair(replace(pair, gone=True))
        await case.outlet.finish(case.outgoing)

    async def _remove(self, case: _Case, pair: Pair) -> None:
        await case.outlet.change(self._deletion(case, pair))
        await case.outlet.save_pair(replace(pair, gone=True))
        self._unfinished.forget(pair.link_id, pair.message_id)

    async def _theirs(self, case: _Case) -> None:
        """Delete on its platform what was written there and deleted here, where that is allowed."""
        pair = next(pair for pair in case.pairs if pair.inbound)
        if case.message.deleted_at is not None and not pair.gone:
            try:
                await case.outlet.change(self._deletion(case, pair))
            except Refused as error:  # only its author, or who moderates that channel, may
                _log.info("what was deleted here stays over link %s: %s", case.outlet.link.id, error)
            else:
                await case.outlet.save_pair(replace(pair, gone=True))
        await case.outlet.finish(case.outgoing)

    def _deletion(self, case: _Case, pair: Pair) -> Change:
        target = self._references.to(case.message, pair.remote_id)
        thread = case.placed.thread
        return Delete(case.outlet.link.remote_channel, target, case.author, thread, unfinished=is_open(pair))

    async def _post(self, case: _Case, number: int, text: str) -> Post:
        outgoing, message, thread = case.outgoing, case.message, case.placed.thread
        quoted = bool(case.body.prefix)
        token = f"{message.id}:{number}"
        attempted_at, sent_after = case.outlet.first_attempt(outgoing)
        asked_by = await self._asked_by(case) if number == 0 and not quoted else None
        return Post(
            token=token if outgoing.kind is OutgoingKind.MESSAGE else f"{token}:{outgoing.seq}",
            remote_channel=case.outlet.link.remote_channel,
            author=case.author,
            text=text,
            attempted_at=attempted_at,
            sent_after=sent_after,
            message_id=message.id,
            thread=None if quoted else thread,
            reply_to=None if quoted else case.placed.reply_to,
            broadcast=is_broadcast(message.metadata) and number == 0,
            files=case.body.attached if number == 0 else (),
            buttons=case.buttons if number == 0 else (),
            unfinished=asked_by is not None,
            asked_by=asked_by,
        )

    async def _asked_by(self, case: _Case) -> str | None:
        """Return for whom the message can be shown as being written, if it is, and that can be shown."""
        outlet, thread = case.outlet, case.placed.thread
        alone = not case.body.attached and not case.buttons and thread is not None and thread.remote_id is not None
        shown = outlet.can(Capability.STREAM) and case.shows_edits and alone
        if not shown or not is_unfinished(case.message.metadata) or len(case.body.pieces(case.message.content)) != 1:
            return None
        return await self._references.asked_by(case.message, outlet.identities.user_of)

    def _pair(self, case: _Case, number: int, remote_id: str, hash_now: str) -> Pair:
        return Pair(
            link_id=case.outlet.link.id,
            message_id=case.message.id,
            number=number,
            remote_id=remote_id,
            inbound=False,
            created_at=case.outlet.clock(),
            hash=hash_now,
            thread=case.placed.thread.remote_id if case.placed.thread else None,
        )

    def _now_says(self, case: _Case, number: int, content: str) -> bool:
        """Tell whether the piece of that number would be this text now."""
        wanted = case.body.pieces(case.message.content)
        return number < len(wanted) and wanted[number] == content

    async def _before(self, case: _Case, pair: Pair) -> str | None:
        """Return what a piece said before, None when that is not known any more."""
        old = await self._old_text(case, told(pair))
        pieces = [] if old is None else case.body.pieces(old)
        return pieces[pair.number] if pair.number < len(pieces) else None

    async def _old_text(self, case: _Case, wanted: str) -> str | None:
        """Return the text with that hash that the message has or had."""
        if wanted == hash_of(case.message.content):
            return case.message.content
        async with self._store.read() as unit:
            revisions = await unit.messages.revisions(case.message.id)
        return next((it.content for it in reversed(revisions) if hash_of(it.content) == wanted), None)
