"""Messages in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.messages import Mention, Message, Reaction, Revision
from store.memory.append import Append
from store.memory.events import MemoryEvents
from store.memory.history import Window
from store.memory.tables import Tables
from store.memory.words import stems
from store.ports.messages import Appended, MessageDraft, Numbered


class MemoryMessages:
    """See `store.ports.messages.Messages`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._messages = tables.messages

    async def append(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write all drafts, or none."""
        return await Append(self._tables).write(drafts)

    async def get(self, message_id: str) -> Message | None:
        """Return the message, deleted or not."""
        return self._messages.get(message_id)

    async def by_key(self, author_id: str, idempotency_key: str) -> Message | None:
        """Return what the author wrote under that key."""
        message_id = self._tables.keys.get((author_id, idempotency_key))
        return self._messages[message_id] if message_id else None

    async def page(
        self, channel_id: str, limit: int, before: int | None = None, after_number: int | None = None
    ) -> list[Message]:
        """Return a page of the channel, oldest first."""
        if after_number is not None:
            newer = (message for message in self._in_channel(channel_id) if message.number > after_number)
            return list(newer)[:limit]
        older = [message for message in self._in_channel(channel_id) if before is None or message.created_at < before]
        return sorted(older, key=lambda message: message.created_at)[-limit:]

    async def direct_page(self, principal_id: str, limit: int, before: int | None) -> list[Message]:
        """Return a page over the principal's direct channels, oldest first."""
        mine = [row.channel_id for row in self._tables.memberships.rows() if row.principal_id == principal_id]
        direct = [channel_id for channel_id in mine if self._tables.channels[channel_id].direct]
        found = [
            message
            for channel_id in direct
            for message in self._in_channel(channel_id)
            if before is None or message.created_at < before
        ]
        return sorted(found, key=lambda message: (message.created_at, message.id))[-limit:]

    async def history(
        self,
        channel_ids: Sequence[str],
        limit: int,
        *,
        after: int | None = None,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        newest: bool = True,
    ) -> list[Numbered]:
        """Return a page of the log's messages."""
        rows = (
            Numbered(self._tables.seqs[message.id], message)
            for channel_id in set(channel_ids)
            for message in self._in_channel(channel_id)
        )
        return Window(after, before, since, until, newest).page(rows, limit)

    async def seq_of(self, message_id: str) -> tuple[str, int, int] | None:
        """Return the place of a message in the log."""
        message = self._messages.get(message_id)
        return None if message is None else (message.channel_id, self._tables.seqs[message_id], message.created_at)

    async def thread(
        self, parent_id: str, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """Return replies to a message, oldest first."""
        replies = self._replies(parent_id, before, after)
        return replies[-limit:] if after is None else replies[:limit]

    async def count_replies(self, parent_id: str, *, before: int | None = None, after: int | None = None) -> int:
        """Return how many replies a message has."""
        return len(self._replies(parent_id, before, after))

    async def pinned(self, channel_id: str) -> list[Message]:
        """Return the channel's pinned messages, oldest first."""
        return [message for message in self._in_channel(channel_id) if message.pinned]

    async def edit(
        self, message_id: str, content: str, edited_by: str, at: int, metadata: dict[str, Any] | None = None
    ) -> Message | None:
        """Replace the text and keep the old one."""
        message = self._messages.get(message_id)
        if message is None or message.deleted_at is not None:
            return None
        revision = Revision(message_id, len(await self.revisions(message_id)) + 1, message.content, edited_by, at)
        self._tables.revisions.put((message_id, revision.revision), revision)
        kept = message.metadata if metadata is None else metadata
        edited = replace(message, content=content, edited_at=at, metadata=kept)
        self._messages.put(message_id, edited)
        self._tables.words.put(message_id, stems(content))
        return edited

    async def delete(self, message_id: str, at: int) -> Message | None:
        """Turn the message into a tombstone."""
        message = self._messages.get(message_id)
        if message is None or message.deleted_at is not None:
            return None
        tombstone = replace(message, content="", metadata={}, deleted_at=at)
        self._messages.put(message_id, tombstone)
        for revision in await self.revisions(message_id):
            self._tables.revisions.remove((message_id, revision.revision))
        self._tables.words.remove(message_id)
        MemoryEvents(self._tables).scrub(message_id, {"content": "", "metadata": None})
        return tombstone

    async def set_pinned(self, message_id: str, *, pinned: bool) -> bool:
        """Pin or unpin."""
        message = self._messages.get(message_id)
        if message is None or message.pinned == pinned:
            return False
        self._messages.put(message_id, replace(message, pinned=pinned))
        return True

    async def set_hops(self, message_id: str, hops: int) -> None:
        """Set the message's hops."""
        message = self._messages.get(message_id)
        if message is not None:
            self._messages.put(message_id, replace(message, hops=hops))

    async def revisions(self, message_id: str) -> list[Revision]:
        """Return earlier texts, oldest first."""
        return [row for row in self._tables.revisions.rows() if row.message_id == message_id]

    async def react(self, reaction: Reaction) -> bool:
        """Add the reaction."""
        key = (reaction.message_id, reaction.principal_id, reaction.emoji)
        if key in self._tables.reactions:
            return False
        self._tables.reactions.put(key, reaction)
        return True

    async def unreact(self, message_id: str, principal_id: str, emoji: str) -> bool:
        """Remove the reaction."""
        return self._tables.reactions.remove((message_id, principal_id, emoji))

    async def reactions(self, message_ids: Sequence[str]) -> list[Reaction]:
        """Return the reactions on these messages, oldest first."""
        rows = [row for row in self._tables.reactions.rows() if row.message_id in set(message_ids)]
        return sorted(rows, key=lambda row: row.created_at)

    async def add_mentions(self, mentions: Sequence[Mention]) -> None:
        """Add mentions that are not there yet."""
        for mention in mentions:
            key = (mention.message_id, mention.mentioned_id)
            if key not in self._tables.mentions:
                self._tables.mentions.put(key, mention)

    async def remove_mentions(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """Remove mentions."""
        for principal_id in principal_ids:
            self._tables.mentions.remove((message_id, principal_id))

    async def mentions_in(self, message_id: str) -> list[Mention]:
        """Return who is mentioned in the message."""
        return [row for row in self._tables.mentions.rows() if row.message_id == message_id]

    async def mentions_of(
        self, principal_id: str, limit: int, *, unread_only: bool
    ) -> list[tuple[Mention, Message, Channel]]:
        """Return where the principal is mentioned, newest first."""
        found = [
            (row, self._messages[row.message_id], self._tables.channels[row.channel_id])
            for row in self._tables.mentions.rows()
            if row.mentioned_id == principal_id
            and not (unread_only and (row.read_at is not None or self._is_held(row)))
        ]
        visible = [hit for hit in found if hit[1].deleted_at is None]
        return sorted(visible, key=lambda hit: (hit[0].created_at, hit[0].id), reverse=True)[:limit]

    def _is_held(self, mention: Mention) -> bool:
        """Tell whether a guard keeps who is mentioned from hearing of it."""
        return any(
            item.held is not None
            for item in self._tables.inbox.rows()
            if (item.message_id, item.principal_id) == (mention.message_id, mention.mentioned_id)
        )

    async def read_mentions(self, principal_id: str, mention_ids: Sequence[str], at: int) -> list[str]:
        """Mark the principal's own mentions read."""
        mine = [
            row
            for row in self._tables.mentions.rows()
            if row.mentioned_id == principal_id and row.read_at is None and row.id in set(mention_ids)
        ]
        for row in mine:
            self._tables.mentions.put((row.message_id, row.mentioned_id), replace(row, read_at=at))
        return [row.message_id for row in mine]

    def _replies(self, parent_id: str, before: int | None, after: int | None) -> list[Message]:
        parent = self._messages.get(parent_id)
        return [
            message
            for message in (self._in_channel(parent.channel_id) if parent else ())
            if message.parent_id == parent_id
            and (before is None or message.number < before)
            and (after is None or message.number > after)
        ]

    def _in_channel(self, channel_id: str) -> Iterator[Message]:
        """Yield the channel's messages that are not deleted, oldest first."""
        channel = self._tables.channels.get(channel_id)
        for number in range(1, channel.last_number + 1 if channel else 1):
            message = self._messages[self._tables.numbers[channel_id, number]]
            if message.deleted_at is None:
                yield message
