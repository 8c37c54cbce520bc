"""The bulk append: every draft of a batch in a fixed number of statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.messages import Message
from airchat.protocol.rows import message_row
from store.ports.messages import Appended, MessageDraft
from store.sql.nouns.events import SqlEvents
from store.sql.nouns.rows import message_of
from store.sql.nouns.search import index_scope, index_text
from store.sql.session import Session, ids_json, json_text, rows_json


@dataclass(frozen=True, slots=True)
class _New:
    """A draft that is to be written, the message it becomes, and the event that announces it."""

    draft: MessageDraft
    message: Message
    event: Event


class Append:
    """Writes drafts; see `store.ports.messages.Messages.append`."""

    def __init__(self, session: Session, events: SqlEvents) -> None:
        self._session = session
        self._events = events
        self._head: int | None = None
        self._numbers: dict[str, int] = {}

    def forget(self) -> None:
        """Look anew before the next `alone`."""
        self._head = None

    async def alone(self, drafts: Sequence[MessageDraft]) -> list[Appended] | None:
        """Write the drafts as a transaction of their own, in one statement that fails if others wrote meanwhile.

        What has to be known of the log and the channels is kept from before: as long as the log's head is where it was,
        nothing happened to any channel. None, with nothing done, if there is more to look up than that.
        """
        if any(draft.idempotency_key is not None or draft.parent_id is not None for draft in drafts):
            return None
        head, numbers = await self._kept(drafts)
        self.forget()
        fresh = _number(drafts, head, numbers)
        await self._session.execute_rows("append.write", _rows(fresh, head))
        self._events.note([new.event for new in fresh])
        self._head = fresh[-1].event.seq
        return [Appended(new.message, new.event) for new in fresh]

    async def __call__(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write the drafts and tell what became of each, in order."""
        known = await self._written_before(drafts)
        unknown = [draft for draft in drafts if _key(draft) not in known]
        head, numbers = await self._look(unknown)
        await self._check_parents(unknown)
        messages: list[Message] = []
        fresh: list[_New] = []
        for draft in drafts:
            key = _key(draft)
            message = known.get(key)
            if message is None:
                (new,) = _number([draft], head + len(fresh), numbers)
                fresh.append(new)
                message = new.message
                if key is not None:
                    known[key] = message
            messages.append(message)
        await self._write(fresh)
        events = {new.message.id: new.event for new in fresh}
        # The first draft of a message takes its event; a repetition within the batch finds none.
        return [Appended(message, events.pop(message.id, None)) for message in messages]

    async def _written_before(self, drafts: Sequence[MessageDraft]) -> dict[tuple[str, str] | None, Message]:
        keys = [key for draft in drafts if (key := _key(draft)) is not None]
        rows = await self._session.fetch("append.repeats", rows_json(keys)) if keys else ()
        return {(row["author_id"], row["idempotency_key"]): message_of(row) for row in rows}

    async def _kept(self, drafts: Sequence[MessageDraft]) -> tuple[int, dict[str, int]]:
        """Return the log's head and the newest number of each channel, among others; what is not known is looked up."""
        if self._head is None or any(draft.channel.id not in self._numbers for draft in drafts):
            head, numbers = await self._look(drafts)
            self._numbers = numbers if head != self._head else self._numbers | numbers
            self._head = head
        return self._head, self._numbers

    async def _look(self, drafts: Sequence[MessageDraft]) -> tuple[int, dict[str, int]]:
        """Return the log's head and the newest number of each channel; all exist and none is archived."""
        wanted = {draft.channel.id for draft in drafts}
        row = await self._session.fetch_one("append.look", ids_json(wanted)) if wanted else None
        if row is None:
            return 0, {}
        channels = orjson.loads(row["channels"] or "[]")
        if len(channels) < len(wanted):
            raise NotFound("Channel not found")
        if any(archived for _, archived, _ in channels):
            raise Conflict("The channel is archived.")
        return row["head"], {channel_id: number for channel_id, _, number in channels}

    async def _check_parents(self, drafts: Sequence[MessageDraft]) -> None:
        replies = [(draft.parent_id, draft.channel.id) for draft in drafts if draft.parent_id is not None]
        if not replies:
            return
        rows = await self._session.fetch("append.parents", ids_json({parent for parent, _ in replies}))
        places = {row["id"]: row["channel_id"] for row in rows}
        places.update({draft.id: draft.channel.id for draft in drafts})
        if any(places.get(parent) != channel for parent, channel in replies):
            raise NotFound("Parent message not found")

    async def _write(self, fresh: Sequence[_New]) -> None:
        """Write messages and all that goes with them."""
        if not fresh:
            return
        await self._session.execute_rows("append.write", _rows(fresh))
        self._events.note([new.event for new in fresh])


def _key(draft: MessageDraft) -> tuple[str, str] | None:
    return None if draft.idempotency_key is None else (draft.author_id, draft.idempotency_key)


def _number(drafts: Sequence[MessageDraft], head: int, numbers: dict[str, int]) -> list[_New]:
    """Return what the drafts become behind the log's head; the numbers of their channels move on."""
    fresh = []
    for seq, draft in enumerate(drafts, head + 1):
        number = numbers[draft.channel.id] = numbers[draft.channel.id] + 1
        message = draft.message(number)
        fresh.append(_New(draft, message, _event(draft, message, seq)))
    return fresh


def _rows(fresh: Sequence[_New], known: int | None = None) -> list[tuple[object, ...]]:
    """Return the rows for `append.write`; `known` is where the log's head has to be, None where that is certain."""
    return [_columns(new, known if number == 0 else None) for number, new in enumerate(fresh)]


def _event(draft: MessageDraft, message: Message, seq: int) -> Event:
    return Event(
        seq=seq,
        kind=EventKind.MESSAGE_CREATED,
        created_at=message.created_at,
        actor_id=message.author_id,
        channel_id=message.channel_id,
        recipient_id=None,
        subject_id=message.id,
        data=json_text(message_row(message, draft.channel) | draft.whom()),
    )


def _columns(new: _New, known: int | None) -> tuple[object, ...]:
    message, draft = new.message, new.draft
    return (
        new.event.seq,
        message.id,
        message.channel_id,
        message.number,
        message.author_id,
        message.author_name,
        message.author_display,
        message.content,
        json_text(message.metadata) if message.metadata else "{}",
        message.parent_id,
        draft.idempotency_key,
        message.origin.platform,
        message.origin.verified,
        message.hops,
        message.created_at,
        index_scope(message.channel_id, message.author_id),
        index_text(message.content),
        new.event.data,
        rows_json(_mentions(draft)) if draft.addressees else None,
        rows_json(_items(draft)) if draft.addressees else None,
        known,
    )


def _mentions(draft: MessageDraft) -> Iterator[tuple[object, ...]]:
    """Give id and principal of each mention."""
    return ((each.mention_id, each.principal_id) for each in draft.addressees if each.mention_id is not None)


def _items(draft: MessageDraft) -> Iterator[tuple[object, ...]]:
    """Give id, principal and kind of each inbox item, and which guard holds it back."""
    return (
        (each.inbox_id, each.principal_id, each.kind.value, each.held) for each in draft.addressees if each.inbox_id
    )
