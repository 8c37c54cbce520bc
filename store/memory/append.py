"""The append in memory: everything that belongs to a new message, written once."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.inbox import InboxItem, InboxState
from airchat.protocol.messages import Mention, Message
from airchat.protocol.rows import message_row
from store.memory.channels import MemoryChannels
from store.memory.events import MemoryEvents
from store.memory.inbox import MemoryInbox
from store.memory.tables import Tables
from store.memory.words import stems
from store.ports.messages import Appended, MessageDraft


class Append:
    """Writes drafts. All are checked before the first is written, so that a refusal leaves nothing behind."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def write(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write the drafts in order; see `store.ports.messages.Messages.append`."""
        places = {draft.id: draft.channel.id for draft in drafts}
        for draft in drafts:
            if self._written(draft) is None:
                self._check(draft, places)
        return [await self._append(draft) for draft in drafts]

    async def _append(self, draft: MessageDraft) -> Appended:
        if (written := self._written(draft)) is not None:
            return Appended(written, None)
        channel = self._tables.channels[draft.channel.id]
        channel = replace(channel, last_number=channel.last_number + 1)
        message = draft.message(channel.last_number)
        self._tables.channels.put(channel.id, channel)
        self._tables.messages.put(message.id, message)
        self._tables.numbers.put((channel.id, message.number), message.id)
        self._tables.words.put(message.id, stems(message.content))
        if draft.idempotency_key is not None:
            self._tables.keys.put((draft.author_id, draft.idempotency_key), message.id)
        self._mention(draft)
        await MemoryInbox(self._tables).add(_items(draft))
        await self._move_author(message)
        event = self._log(message, channel, draft)
        self._tables.seqs.put(message.id, event.seq)
        return Appended(message, event)

    def _written(self, draft: MessageDraft) -> Message | None:
        if draft.idempotency_key is None:
            return None
        message_id = self._tables.keys.get((draft.author_id, draft.idempotency_key))
        return self._tables.messages[message_id] if message_id else None

    def _check(self, draft: MessageDraft, places: dict[str, str]) -> None:
        channel = self._tables.channels.get(draft.channel.id)
        if channel is None:
            raise NotFound("Channel not found")
        if channel.archived:
            raise Conflict(f"Channel {channel.name} is archived")
        if draft.parent_id is not None:
            parent = self._tables.messages.get(draft.parent_id)
            place = parent.channel_id if parent else places.get(draft.parent_id)
            if place != channel.id:
                raise NotFound("Parent message not found in this channel")

    def _mention(self, draft: MessageDraft) -> None:
        for addressee in draft.addressees:
            key = (draft.id, addressee.principal_id)
            if addressee.mention_id is not None and key not in self._tables.mentions:
                mention = Mention(
                    id=addressee.mention_id,
                    message_id=draft.id,
                    channel_id=draft.channel.id,
                    mentioned_id=addressee.principal_id,
                    author_id=draft.author_id,
                    created_at=draft.created_at,
                )
                self._tables.mentions.put(key, mention)

    async def _move_author(self, message: Message) -> None:
        channels = MemoryChannels(self._tables)
        await channels.join(Membership(message.channel_id, message.author_id, message.created_at))
        await channels.mark_read(message.channel_id, message.author_id, message.number, message.created_at)

    def _log(self, message: Message, channel: Channel, draft: MessageDraft) -> Event:
        return MemoryEvents(self._tables).log(
            EventDraft(
                kind=EventKind.MESSAGE_CREATED,
                created_at=message.created_at,
                actor_id=message.author_id,
                channel_id=channel.id,
                subject_id=message.id,
                data=message_row(message, channel) | draft.whom(),
            )
        )


def _items(draft: MessageDraft) -> list[InboxItem]:
    return [
        InboxItem(
            id=addressee.inbox_id,
            principal_id=addressee.principal_id,
            kind=addressee.kind,
            created_at=draft.created_at,
            message_id=draft.id,
            channel_id=draft.channel.id,
            state=InboxState.QUEUED if addressee.held is None else InboxState.HELD,
            held=addressee.held,
        )
        for addressee in draft.addressees
        if addressee.inbox_id is not None
    ]
