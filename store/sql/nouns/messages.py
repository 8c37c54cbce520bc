"""Messages over SQL: everything but the bulk append."""

from collections.abc import Sequence
from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.messages import Mention, Message, Reaction, Revision
from store.ports.messages import Appended, MessageDraft, Numbered
from store.sql.nouns.append import Append
from store.sql.nouns.channels import channel_of
from store.sql.nouns.events import SqlEvents
from store.sql.nouns.history import History, Window
from store.sql.nouns.rows import message_of, messages_of
from store.sql.nouns.search import Entry, SqlSearch
from store.sql.session import Row, Session, ids_json, json_text, rows_json


def _mention_of(row: Row, prefix: str = "") -> Mention:
    return Mention(
        id=row[prefix + "id"],
        message_id=row[prefix + "message_id"],
        channel_id=row[prefix + "channel_id"],
        mentioned_id=row[prefix + "mentioned_id"],
        author_id=row[prefix + "author_id"],
        created_at=row[prefix + "created_at"],
        read_at=row[prefix + "read_at"],
    )


def _mention_columns(mention: Mention) -> tuple[object, ...]:
    return (
        mention.id,
        mention.message_id,
        mention.channel_id,
        mention.mentioned_id,
        mention.author_id,
        mention.created_at,
        mention.read_at,
    )


def _reaction_of(row: Row) -> Reaction:
    return Reaction(row["message_id"], row["principal_id"], row["principal_name"], row["emoji"], row["created_at"])


def _revision_of(row: Row) -> Revision:
    return Revision(row["message_id"], row["revision"], row["content"], row["edited_by"], row["edited_at"])


class SqlMessages:
    """Implements `store.ports.messages.Messages`."""

    def __init__(self, session: Session, events: SqlEvents, search: SqlSearch) -> None:
        self._session = session
        self._events = events
        self._search = search
        self._append = Append(session, events)
        self.append_alone = self._append.alone
        self.append_sheets = self._append.sheets
        self.forget = self._append.forget
        self._history = History(session)

    async def append(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """See the port."""
        return await self._append.drafts(drafts)

    async def get(self, message_id: str) -> Message | None:
        """See the port."""
        row = await self._session.fetch_one("messages.get", message_id)
        return None if row is None else message_of(row)

    async def by_key(self, author_id: str, idempotency_key: str) -> Message | None:
        """See the port."""
        row = await self._session.fetch_one("messages.by_key", author_id, idempotency_key)
        return None if row is None else message_of(row)

    async def page(
        self, channel_id: str, limit: int, before: int | None = None, after_number: int | None = None
    ) -> list[Message]:
        """See the port."""
        if after_number is not None:
            rows = await self._session.fetch("messages.after_number", channel_id, limit, after_number)
            return messages_of(rows)
        rows = await self._session.fetch("messages.newest", channel_id, limit, before)
        return messages_of(rows[::-1])

    async def direct_page(self, principal_id: str, limit: int, before: int | None) -> list[Message]:
        """See the port."""
        rows = await self._session.fetch("messages.direct_newest", principal_id, limit, before)
        return messages_of(rows[::-1])

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
        """See the port."""
        window = Window(after, before, since, until, newest)
        rows = await self._history.messages(channel_ids, limit, window)
        return [Numbered(row["seq"], message) for row, message in zip(rows, messages_of(rows), strict=True)]

    async def seq_of(self, message_id: str) -> tuple[str, int, int] | None:
        """See the port."""
        row = await self._session.fetch_one("history.place", message_id)
        return None if row is None else (row["channel_id"], row["seq"], row["created_at"])

    async def thread(
        self, parent_id: str, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """See the port."""
        if after is not None:
            rows = await self._session.fetch("messages.replies_after", parent_id, limit, after)
            return messages_of(rows)
        rows = await self._session.fetch("messages.newest_replies", parent_id, limit, before)
        return messages_of(rows[::-1])

    async def count_replies(self, parent_id: str, *, before: int | None = None, after: int | None = None) -> int:
        """See the port."""
        row = await self._session.fetch_one("messages.count_replies", parent_id, before, after)
        return 0 if row is None else int(row["replies"])

    async def pinned(self, channel_id: str) -> list[Message]:
        """See the port."""
        return messages_of(await self._session.fetch("messages.pinned", channel_id))

    async def edit(
        self, message_id: str, content: str, edited_by: str, at: int, metadata: dict[str, Any] | None = None
    ) -> Message | None:
        """See the port."""
        old = await self._session.fetch_one("messages.get", message_id)
        if old is None or old["deleted_at"] is not None:
            return None
        await self._session.execute("messages.keep_revision", message_id, old["content"], edited_by, at)
        row = await self._session.fetch_one(
            "messages.edit", message_id, content, at, json_text(metadata) if metadata is not None else old["metadata"]
        )
        if row is None:
            return None
        await self._search.remove(_entry_of(old))
        await self._search.add([_entry_of(row)])
        return message_of(row)

    async def delete(self, message_id: str, at: int) -> Message | None:
        """See the port."""
        old = await self._session.fetch_one("messages.get", message_id)
        if old is None or old["deleted_at"] is not None:
            return None
        row = await self._session.fetch_one("messages.delete", message_id, at)
        await self._search.remove(_entry_of(old))
        await self._session.execute("messages.forget_revisions", message_id)
        await self._events.scrub(message_id, {"content": "", "metadata": None})
        return None if row is None else message_of(row)

    async def set_pinned(self, message_id: str, *, pinned: bool) -> bool:
        """See the port."""
        return await self._session.execute("messages.set_pinned", message_id, pinned) > 0

    async def set_hops(self, message_id: str, hops: int) -> None:
        """See the port."""
        await self._session.execute("messages.set_hops", message_id, hops)

    async def revisions(self, message_id: str) -> list[Revision]:
        """See the port."""
        return [_revision_of(row) for row in await self._session.fetch("messages.revisions", message_id)]

    async def react(self, reaction: Reaction) -> bool:
        """See the port."""
        added = await self._session.execute(
            "messages.react",
            reaction.message_id,
            reaction.principal_id,
            reaction.principal_name,
            reaction.emoji,
            reaction.created_at,
        )
        return added > 0

    async def unreact(self, message_id: str, principal_id: str, emoji: str) -> bool:
        """See the port."""
        return await self._session.execute("messages.unreact", message_id, principal_id, emoji) > 0

    async def reactions(self, message_ids: Sequence[str]) -> list[Reaction]:
        """See the port."""
        return [_reaction_of(row) for row in await self._session.fetch("messages.reactions", ids_json(message_ids))]

    async def add_mentions(self, mentions: Sequence[Mention]) -> None:
        """See the port."""
        if mentions:
            await self._session.execute("messages.add_mentions", rows_json(_mention_columns(each) for each in mentions))

    async def remove_mentions(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """See the port."""
        await self._session.execute("messages.remove_mentions", message_id, ids_json(principal_ids))

    async def mentions_in(self, message_id: str) -> list[Mention]:
        """See the port."""
        return [_mention_of(row) for row in await self._session.fetch("messages.mentions_in", message_id)]

    async def mentions_of(
        self, principal_id: str, limit: int, *, unread_only: bool
    ) -> list[tuple[Mention, Message, Channel]]:
        """See the port."""
        rows = await self._session.fetch("messages.mentions_of", principal_id, unread_only, limit)
        return [
            (_mention_of(row, "n_"), message, channel_of(row, "c_"))
            for row, message in zip(rows, messages_of(rows), strict=True)
        ]

    async def read_mentions(self, principal_id: str, mention_ids: Sequence[str], at: int) -> list[str]:
        """See the port."""
        rows = await self._session.fetch("messages.read_mentions", principal_id, ids_json(mention_ids), at)
        return [row["message_id"] for row in rows]


def _entry_of(row: Row) -> Entry:
    return Entry(row["seq"], row["channel_id"], row["author_id"], row["content"])
