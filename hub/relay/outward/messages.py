"""Messages out: brings a platform to show what a message says now, or that it is gone.

Nothing is derived from what the event was: what is there is compared with what should be there, step by step. So an
edit of what was not sent yet is sent at once, what was deleted before is never sent, and a step that was broken off is
taken again.
"""

import logging
from dataclasses import dataclass, replace

from airchat.protocol.messages import Message
from airchat.protocol.timestamps import HOUR
from hub.relay.contract.bridge import Capability
from hub.relay.contract.desk import Button, Desk
from hub.relay.contract.errors import CannotCarry, Gone, Refused
from hub.relay.contract.outbound import Author, Change, Delete, Edit, Post
from hub.relay.inward.marks import is_broadcast
from hub.relay.outward.bodies import Bodies, Body, hash_of
from hub.relay.outward.notices import NOTICE, Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import HOLD_SECONDS, Held, Placed, References
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

    def renews_buttons(self, pair: Pair) -> bool:
        """Tell whether it is about the buttons below that piece."""
        return BUTTONS in self.outgoing.detail and pair.number == 0 and self.outlet.can(Capability.EDIT)


class Messages:
    """Sends messages, their edits and deletions."""

    def __init__(self, store: Store, references: References, bodies: Bodies, desk: Desk, notices: Notices) -> None:
        self._store = store
        self._references = references
        self._bodies = bodies
        self._desk = desk
        self._notices = notices

    async def advance(self, outlet: Outlet, outgoing: Outgoing) -> None:
        """Do all that one event about a message asks for.

        Raises:
            BridgeError: it has to wait, or is refused.
        """
        case = await self._case(outlet, outgoing)
        if case is None:
            await outlet.finish(outgoing)
            return
        if outgoing.state is OutgoingState.SENDING:
            case = await self._settle(case)
        if any(pair.inbound for pair in case.pairs):
            await self._theirs(case)
        elif case.message.deleted_at is not None:
            await self._withdraw(case)
        elif case.pairs or outgoing.kind is OutgoingKind.MESSAGE:
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
        if message.parent_id is not None and Mirrored.THREADS not in rules_of(outlet.link).mirror:
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
        post = self._post(case, outgoing.number, outgoing.content)
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
        stale = any(pair.hash != hash_now for pair in live.values())
        if case.pairs and 0 not in live:
            await case.outlet.finish(case.outgoing)  # somebody has removed it there
        elif stale and Mirrored.EDITS not in rules_of(case.outlet.link).mirror:
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
            elif pair.hash != hash_now or case.renews_buttons(pair):
                await self._edit(case, pair, text, hash_now)
        for number, pair in live.items():
            if number >= len(wanted):
                await self._remove(case, pair)
        if outgoing.state is not OutgoingState.SENT:
            await case.outlet.finish(outgoing)

    async def _send(self, case: _Case, number: int, text: str, *, last: bool) -> Outgoing:
        post = self._post(case, number, text)
        try:
            remote_id = await case.outlet.post(case.outgoing, post, number)
        except Gone as error:
            if post.thread is None:
                raise
            self._references.lose(case.outlet.link, post.thread.message_id)
            raise Held("its thread is gone: it is said in the channel", HOLD_SECONDS) from error
        pair = self._pair(case, number, remote_id, hash_of(case.message.content))
        return await case.outlet.record(case.outgoing, pair, last=last)

    async def _edit(self, case: _Case, pair: Pair, text: str, hash_now: str) -> None:
        """Give one piece its new text, where it differs, or its new buttons."""
        there, before = True, await self._before(case, pair)
        if text != before or case.renews_buttons(pair):
            edit = Edit(
                case.outlet.link.remote_channel,
                self._references.to(case.message, pair.remote_id),
                case.author,
                text,
                before,
                case.placed.thread,
                buttons=case.buttons if pair.number == 0 else (),
            )
            await case.outlet.save_pair(replace(pair, hash=_UNKNOWN))  # until it is done, it can be either
            try:
                there = await case.outlet.change(edit)
            except CannotCarry:
                await self._notices.say(case.outlet, case.outgoing, [edit], case.author, case.placed)
        await case.outlet.save_pair(replace(pair, hash=hash_now, gone=not there))

    async def _correct(self, case: _Case, hash_now: str) -> None:
        """Say what the message says now, where it cannot be edited."""
        live = case.live
        before = await self._old_text(case, live[0].hash)
        target = self._references.to(case.message, live[0].remote_id)
        link = case.outlet.link
        edit = Edit(link.remote_channel, target, case.author, case.message.content, before, case.placed.thread)
        await self._notices.say(case.outlet, case.outgoing, [edit], case.author, case.placed)
        for pair in live.values():
            await case.outlet.save_pair(replace(pair, hash=hash_now))
        await case.outlet.finish(case.outgoing)

    async def _withdraw(self, case: _Case) -> None:
        """Take back what was posted of a message that is deleted."""
        live = sorted(case.live.items())
        if live and Mirrored.DELETES in rules_of(case.outlet.link).mirror:
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
        return Delete(case.outlet.link.remote_channel, target, case.author, case.placed.thread)

    def _post(self, case: _Case, number: int, text: str) -> Post:
        outgoing, message, thread = case.outgoing, case.message, case.placed.thread
        quoted = bool(case.body.prefix)
        token = f"{message.id}:{number}"
        attempted_at, sent_after = case.outlet.first_attempt(outgoing)
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
        )

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
        old = await self._old_text(case, pair.hash)
        pieces = [] if old is None else case.body.pieces(old)
        return pieces[pair.number] if pair.number < len(pieces) else None

    async def _old_text(self, case: _Case, wanted: str) -> str | None:
        """Return the text with that hash that the message has or had."""
        if wanted == hash_of(case.message.content):
            return case.message.content
        async with self._store.read() as unit:
            revisions = await unit.messages.revisions(case.message.id)
        return next((it.content for it in reversed(revisions) if hash_of(it.content) == wanted), None)
