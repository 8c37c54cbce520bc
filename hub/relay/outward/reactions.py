"""Reactions out: the bridge's one account hangs an emoji on a message while anybody elsewhere does."""

from collections.abc import Sequence

from airchat.protocol.messages import Message, Reaction
from airchat.protocol.timestamps import SECOND
from hub.core.clock import Clock
from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import CannotCarry
from hub.relay.contract.outbound import React
from hub.relay.outward.notices import Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import HOLD_SECONDS, Held, Placed, References
from store.ports.counterparts import OURS, Mark, Pair
from store.ports.queues import Outgoing, OutgoingState
from store.ports.store import Store
from store.ports.unit import Unit

GATHER = 5 * SECOND
"""For how long reactions that have to be put in words are gathered into one notice."""


class Reactions:
    """Shows reactions, or tells of them."""

    def __init__(self, store: Store, references: References, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._references = references
        self._notices = notices
        self._clock = clock

    async def advance(self, outlet: Outlet, due: Sequence[Outgoing]) -> None:
        """Do what the first of the lane's reactions asks for, or tell of all that are about its message at once.

        Raises:
            BridgeError: it has to wait, or is refused.
        """
        first = due[0]
        async with self._store.read() as unit:
            message = await unit.messages.get(first.subject_id)
            pairs = await unit.counterparts.of_message(outlet.link.id, first.subject_id)
        pair = next((pair for pair in pairs if not pair.gone), None)
        if message is None or message.deleted_at is not None:
            await outlet.finish(first)
        elif pair is not None:
            await self._show(outlet, due, message, pair)
        elif not pairs and self._references.arriving(outlet.link, message, first.planned_at):
            raise Held("the message has not got its counterpart yet", HOLD_SECONDS)
        else:
            await outlet.finish(first)

    async def _show(self, outlet: Outlet, due: Sequence[Outgoing], message: Message, pair: Pair) -> None:
        if not outlet.can(Capability.REACTION):
            await self._tell(outlet, due, message, pair)
            return
        first, placed = due[0], await self._references.place(outlet.link, message)
        emoji = first.detail["emoji"]
        others, hangs = await self._elsewhere(pair, message, emoji)
        if bool(others) is not hangs or first.state is OutgoingState.SENDING:
            await outlet.attempt(first)
            react = self._react(outlet, message, pair, placed, emoji, others, added=bool(others))
            try:
                await outlet.change(react)
            except CannotCarry:
                await self._notices.say(outlet, first, [react], self._references.author(first.detail["by"]), placed)
            await self._note(Mark(pair.link_id, pair.remote_id, emoji, OURS), hangs=bool(others))
        await outlet.finish(first)

    async def _tell(self, outlet: Outlet, due: Sequence[Outgoing], message: Message, pair: Pair) -> None:
        """Put all reactions to one message that follow each other in words, once no more come for a while."""
        gathered: list[Outgoing] = []
        for one in due:
            if one.kind is not due[0].kind or one.subject_id != message.id:
                break
            gathered.append(one)
        open_end = len(gathered) == len(due) and due[0].state is OutgoingState.PENDING
        wait = gathered[0].planned_at + GATHER - self._clock()
        if open_end and wait > 0:
            raise Held("more reactions may come", wait / SECOND)
        placed = await self._references.place(outlet.link, message)
        changes = await self._changes(outlet, gathered, message, pair, placed)
        if changes:
            author = self._references.author(gathered[0].detail["by"])
            await self._notices.say(outlet, gathered[0], changes, author, placed)
        await outlet.finish(*gathered)

    async def _changes(
        self, outlet: Outlet, gathered: Sequence[Outgoing], message: Message, pair: Pair, placed: Placed
    ) -> list[React]:
        """Return one change for each emoji that somebody hung on the message meanwhile, and did not take back."""
        fresh: dict[str, set[str]] = {}
        for one in gathered:
            if one.detail["added"]:
                fresh.setdefault(one.detail["emoji"], set()).add(one.detail["by"])
        changes = []
        for emoji, by in fresh.items():
            others, _ = await self._elsewhere(pair, message, emoji)
            who = [reaction for reaction in others if reaction.principal_id in by]
            if who:
                changes.append(self._react(outlet, message, pair, placed, emoji, who, added=True))
        return changes

    async def _elsewhere(self, pair: Pair, message: Message, emoji: str) -> tuple[list[Reaction], bool]:
        """Return the reactions with an emoji that were not hung there by people, and whether ours hangs there."""
        async with self._store.read() as unit:
            reactions = await unit.messages.reactions([message.id])
            marks = await unit.counterparts.marks(pair.link_id, [pair.remote_id])
        mine = [mark for mark in marks if mark.emoji == emoji]
        there = {mark.principal_id for mark in mine if mark.remote_user != OURS}
        others = [it for it in reactions if it.emoji == emoji and it.principal_id not in there]
        return others, any(mark.remote_user == OURS for mark in mine)

    def _react(  # noqa: PLR0917 - what a reaction consists of
        self,
        outlet: Outlet,
        message: Message,
        pair: Pair,
        placed: Placed,
        emoji: str,
        who: Sequence[Reaction],
        *,
        added: bool,
    ) -> React:
        return React(
            outlet.link.remote_channel,
            self._references.to(message, pair.remote_id),
            emoji,
            tuple(self._references.author(reaction.principal_id) for reaction in who),
            added=added,
            thread=placed.thread,
        )

    async def _note(self, mark: Mark, *, hangs: bool) -> None:
        async def work(unit: Unit) -> None:
            await (unit.counterparts.mark(mark) if hangs else unit.counterparts.unmark(mark))

        await self._store.write(work)
