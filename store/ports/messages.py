"""Port: messages, their revisions, reactions and mentions, and the bulk append that writes them."""

from collections.abc import Sequence
from dataclasses import field
from typing import Any, Protocol

from airchat.protocol.channels import Channel
from airchat.protocol.events import Event
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import FROM_HUB, Mention, Message, Origin, Reaction, Revision
from airchat.protocol.record import record


@record
class Addressee:
    """Somebody a new message is for: with a mention when `mention_id` is set, an inbox item when `inbox_id` is.

    `held` names the guard that holds the item back.
    """

    principal_id: str
    kind: InboxKind
    mention_id: str | None = None
    inbox_id: str | None = None
    held: str | None = None


@record
class MessageDraft:
    """A message ready to be written: checked, authorised, its channel existing and its addressees resolved.

    `idempotency_key` is unique per author: a second draft with the same key returns the first message.
    """

    id: str
    channel: Channel
    author_id: str
    author_name: str
    content: str
    created_at: int
    metadata: dict[str, Any] = field(default_factory=dict)
    parent_id: str | None = None
    idempotency_key: str | None = None
    origin: Origin = FROM_HUB
    hops: int = 0
    author_display: str | None = None
    addressees: tuple[Addressee, ...] = ()

    def whom(self) -> dict[str, list[str]]:
        """Return, as the event has them, the ids of who is mentioned, and of whom a guard keeps from hearing of it."""
        if not self.addressees:
            return {"mentions": []}
        mentioned = [each for each in self.addressees if each.mention_id is not None]
        heard = dict.fromkeys(each.principal_id for each in mentioned if each.held is None)
        held = dict.fromkeys(each.principal_id for each in mentioned if each.held is not None)
        return {"mentions": list(heard), "held": list(held)} if held else {"mentions": list(heard)}

    def message(self, number: int) -> Message:
        """Return the message that the draft becomes as number `number` of its channel."""
        return Message(
            id=self.id,
            channel_id=self.channel.id,
            number=number,
            author_id=self.author_id,
            author_name=self.author_name,
            content=self.content,
            created_at=self.created_at,
            metadata=self.metadata,
            parent_id=self.parent_id,
            origin=self.origin,
            hops=self.hops,
            author_display=self.author_display,
        )


@record
class Appended:
    """What became of a draft. `event` is None when the message had been written before under the same key.

    `row` is the message's row as JSON text, as far as it was made anyhow.
    """

    message: Message
    event: Event | None
    row: str | None = field(default=None, compare=False)

    @property
    def repeated(self) -> bool:
        """Whether an earlier send with the same key had written the message."""
        return self.event is None


@record
class Numbered:
    """A message with its place in the log: `seq` is that of the event that announced it."""

    seq: int
    message: Message


class Messages(Protocol):
    """Messages by id and by channel."""

    async def append(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write all drafts, in order, in a fixed number of statements.

        Per draft: the message with the next number of its channel, its index entry, mentions, inbox items, the author's
        membership with its read number moved to the message, and a `message.created` event whose data is the message's
        row plus what `whom` returns - each written once.

        Raises:
            Conflict: a channel is archived (nothing is written then).
            NotFound: a channel or parent does not exist, or the parent is in another channel.
        """
        ...

    async def get(self, message_id: str) -> Message | None:
        """Return the message, deleted or not."""
        ...

    async def by_key(self, author_id: str, idempotency_key: str) -> Message | None:
        """Return what the author wrote under that key."""
        ...

    async def page(
        self, channel_id: str, limit: int, before: int | None = None, after_number: int | None = None
    ) -> list[Message]:
        """Return messages that are not deleted, oldest first.

        The newest `limit` created strictly before `before`; or, with `after_number`, the first `limit` above it.
        """
        ...

    async def direct_page(self, principal_id: str, limit: int, before: int | None) -> list[Message]:
        """Return the newest `limit` messages over all of the principal's direct channels, oldest first."""
        ...

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
        """Return the newest (or oldest) `limit` messages of these channels that are not deleted, by `seq`.

        Only those with a `seq` strictly above `after` and below `before`, created at or after `since` and before
        `until`. Which are the newest is told by `seq`; where there are times and no numbers, by time.
        """
        ...

    async def seq_of(self, message_id: str) -> tuple[str, int, int] | None:
        """Return the channel, the `seq` and the time of a message, deleted or not."""
        ...

    async def thread(
        self, parent_id: str, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """Return replies to a message, oldest first, deleted ones excepted.

        The newest `limit` numbered below `before`; or, with `after`, the first `limit` numbered above it.
        """
        ...

    async def count_replies(self, parent_id: str, *, before: int | None = None, after: int | None = None) -> int:
        """Return how many replies a message has, deleted ones excepted: numbered below `before` and above `after`."""
        ...

    async def pinned(self, channel_id: str) -> list[Message]:
        """Return the channel's pinned messages, oldest first."""
        ...

    async def edit(
        self, message_id: str, content: str, edited_by: str, at: int, metadata: dict[str, Any] | None = None
    ) -> Message | None:
        """Replace the text, keep the old one as a revision, index the new one; None when there is no such message.

        `metadata` takes the place of what was there, if given.
        """
        ...

    async def delete(self, message_id: str, at: int) -> Message | None:
        """Turn the message into a tombstone.

        Its text and metadata go, here, in its revisions, in the index and in the events about it. None, and nothing
        changes, when there is no such message or it is deleted already.
        """
        ...

    async def set_pinned(self, message_id: str, *, pinned: bool) -> bool:
        """Pin or unpin; False when nothing changed."""
        ...

    async def set_hops(self, message_id: str, hops: int) -> None:
        """Set how many answers away from a person's word the message is."""
        ...

    async def revisions(self, message_id: str) -> list[Revision]:
        """Return earlier texts, oldest first."""
        ...

    async def react(self, reaction: Reaction) -> bool:
        """Add the reaction; False when it is there already."""
        ...

    async def unreact(self, message_id: str, principal_id: str, emoji: str) -> bool:
        """Remove the reaction; False when there was none."""
        ...

    async def reactions(self, message_ids: Sequence[str]) -> list[Reaction]:
        """Return the reactions on these messages, oldest first."""
        ...

    async def add_mentions(self, mentions: Sequence[Mention]) -> None:
        """Add mentions that are not there yet."""
        ...

    async def remove_mentions(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """Remove the mentions of these principals from the message."""
        ...

    async def mentions_in(self, message_id: str) -> list[Mention]:
        """Return who is mentioned in the message."""
        ...

    async def mentions_of(
        self, principal_id: str, limit: int, *, unread_only: bool
    ) -> list[tuple[Mention, Message, Channel]]:
        """Return where the principal is mentioned, newest first, in messages that are not deleted.

        Unread ones are those it is to hear of: what a guard holds back is not among them.
        """
        ...

    async def read_mentions(self, principal_id: str, mention_ids: Sequence[str], at: int) -> list[str]:
        """Mark the principal's own mentions read; return the ids of their messages."""
        ...
