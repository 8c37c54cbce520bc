"""The bulk append: every draft of a batch in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.messages import Message
from airchat.protocol.rows import message_row
from store.ports.messages import Appended, MessageDraft
from store.sql.nouns.events import SqlEvents
from store.sql.nouns.rows import message_of
from store.sql.nouns.search import Entry, SqlSearch
from store.sql.session import Session, ids_json, json_text, rows_json


@dataclass(frozen=True, slots=True)
class _New:
    """A draft that is to be written, and the message it becomes."""

    draft: MessageDraft
    message: Message


class Append:
    """Writes drafts; see `store.ports.messages.Messages.append`."""

    def __init__(self, session: Session, events: SqlEvents, search: SqlSearch) -> None:
        self._session = session
        self._events = events
        self._search = search

    async def __call__(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write the drafts and tell what became of each, in order."""
        known = await self._written_before(drafts)
        unknown = [draft for draft in drafts if _key(draft) not in known]
        numbers = await self._numbers(unknown)
        await self._check_parents(unknown)
        messages: list[Message] = []
        fresh: list[_New] = []
        for draft in drafts:
            key = _key(draft)
            message = known.get(key)
            if message is None:
                numbers[draft.channel.id] += 1
                message = draft.message(numbers[draft.channel.id])
                fresh.append(_New(draft, message))
                if key is not None:
                    known[key] = message
            messages.append(message)
        events = await self._write(fresh)
        # The first draft of a message takes its event; a repetition within the batch finds none.
        return [Appended(message, events.pop(message.id, None)) for message in messages]

    async def _written_before(self, drafts: Sequence[MessageDraft]) -> dict[tuple[str, str] | None, Message]:
        keys = [key for draft in drafts if (key := _key(draft)) is not None]
        rows = await self._session.fetch("append.repeats", rows_json(keys)) if keys else ()
        return {(row["author_id"], row["idempotency_key"]): message_of(row) for row in rows}

    async def _numbers(self, drafts: Sequence[MessageDraft]) -> dict[str, int]:
        """Return the newest number of each channel; all channels exist and none is archived."""
        wanted = {draft.channel.id for draft in drafts}
        rows = await self._session.fetch("append.channels", ids_json(wanted)) if wanted else ()
        if len(rows) < len(wanted):
            raise NotFound("Channel not found")
        if any(row["archived"] for row in rows):
            raise Conflict("The channel is archived.")
        return {row["id"]: row["last_number"] for row in rows}

    async def _check_parents(self, drafts: Sequence[MessageDraft]) -> None:
        replies = [(draft.parent_id, draft.channel.id) for draft in drafts if draft.parent_id is not None]
        if not replies:
            return
        rows = await self._session.fetch("append.parents", ids_json({parent for parent, _ in replies}))
        places = {row["id"]: row["channel_id"] for row in rows}
        places.update({draft.id: draft.channel.id for draft in drafts})
        if any(places.get(parent) != channel for parent, channel in replies):
            raise NotFound("Parent message not found")

    async def _write(self, fresh: Sequence[_New]) -> dict[str, Event]:
        """Write messages and all that goes with them; return their events by message id."""
        if not fresh:
            return {}
        first = await self._events.allocate(len(fresh))
        numbers = {new.message.channel_id: new.message.number for new in fresh}
        await self._session.execute("append.number", rows_json(numbers.items()))
        events = [_event(new, first + offset) for offset, new in enumerate(fresh)]
        await self._session.execute(
            "append.messages",
            rows_json(_message_columns(new, event) for new, event in zip(fresh, events, strict=True)),
        )
        await self._search.add([_entry(new.message, event.seq) for new, event in zip(fresh, events, strict=True)])
        await self._session.execute("append.memberships", rows_json(_memberships(fresh)))
        await self._address(fresh)
        await self._events.record(events)
        return {new.message.id: event for new, event in zip(fresh, events, strict=True)}

    async def _address(self, fresh: Sequence[_New]) -> None:
        mentions = [columns for new in fresh for columns in _mention_columns(new)]
        if mentions:
            await self._session.execute("messages.add_mentions", rows_json(mentions))
        items = [columns for new in fresh for columns in _inbox_columns(new)]
        if items:
            await self._session.execute("inbox.add", rows_json(items))


def _key(draft: MessageDraft) -> tuple[str, str] | None:
    return None if draft.idempotency_key is None else (draft.author_id, draft.idempotency_key)


def _event(new: _New, seq: int) -> Event:
    mentioned = dict.fromkeys(each.principal_id for each in new.draft.addressees if each.mention_id is not None)
    return Event(
        seq=seq,
        kind=EventKind.MESSAGE_CREATED,
        created_at=new.message.created_at,
        actor_id=new.message.author_id,
        channel_id=new.message.channel_id,
        recipient_id=None,
        subject_id=new.message.id,
        data=json_text(message_row(new.message, new.draft.channel) | {"mentions": list(mentioned)}),
    )


def _message_columns(new: _New, event: Event) -> tuple[object, ...]:
    message = new.message
    return (
        message.id,
        event.seq,
        message.channel_id,
        message.number,
        message.author_id,
        message.author_name,
        message.author_display,
        message.content,
        json_text(message.metadata),
        message.parent_id,
        new.draft.idempotency_key,
        message.origin.platform,
        message.origin.verified,
        message.hops,
        message.created_at,
    )


def _entry(message: Message, seq: int) -> Entry:
    return Entry(seq, message.channel_id, message.author_id, message.content)


def _memberships(fresh: Sequence[_New]) -> list[tuple[object, ...]]:
    """Return channel, author, time and number of each author's newest message."""
    newest = {(new.message.channel_id, new.message.author_id): new.message for new in fresh}
    return [(channel, author, message.created_at, message.number) for (channel, author), message in newest.items()]


def _mention_columns(new: _New) -> list[tuple[object, ...]]:
    message = new.message
    return [
        (
            each.mention_id,
            message.id,
            message.channel_id,
            each.principal_id,
            message.author_id,
            message.created_at,
            None,
        )
        for each in new.draft.addressees
        if each.mention_id is not None
    ]


def _inbox_columns(new: _New) -> list[tuple[object, ...]]:
    message = new.message
    return [
        (
            each.inbox_id,
            each.principal_id,
            each.kind.value,
            message.created_at,
            message.id,
            None,
            message.channel_id,
            "queued",
            0,
            None,
            None,
        )
        for each in new.draft.addressees
        if each.inbox_id is not None
    ]
