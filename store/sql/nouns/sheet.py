"""A draft written out: all that goes into its row and its event but its place in the log, which the writer gives it."""

from collections.abc import Iterator

from airchat.protocol.events import Event, EventKind
from airchat.protocol.rows import message_row
from store.ports.messages import Appended, MessageDraft
from store.sql.nouns.search import index_scope, index_text
from store.sql.session import json_text, rows_json


class Sheet:
    """Implements `store.batch.Prepared`. `columns` are those of `append.write` from the fifth on."""

    __slots__ = ("_message", "_row", "_whom", "channel_id", "columns", "draft")

    def __init__(self, draft: MessageDraft) -> None:
        self.draft = draft
        self.channel_id = draft.channel.id
        self._message = draft.message(0)
        row = message_row(self._message, draft.channel)
        del row["number"]
        self._row = json_text(row)[:-1]
        self._whom = json_text(draft.whom())[1:]
        self.columns: tuple[object, ...] = (
            draft.id,
            draft.channel.id,
            draft.author_id,
            draft.author_name,
            draft.author_display,
            draft.content,
            json_text(draft.metadata) if draft.metadata else "{}",
            draft.parent_id,
            draft.idempotency_key,
            draft.origin.platform,
            draft.origin.verified,
            draft.hops,
            draft.created_at,
            index_scope(draft.channel.id, draft.author_id),
            index_text(draft.content),
            rows_json(_mentions(draft)) if draft.addressees else None,
            rows_json(_items(draft)) if draft.addressees else None,
        )

    @property
    def key(self) -> tuple[str, str] | None:
        """By what a repetition of the draft is recognised."""
        draft = self.draft
        return None if draft.idempotency_key is None else (draft.author_id, draft.idempotency_key)

    def data(self, number: int) -> str:
        """Return the data of the event: the message's row as number `number` of its channel, and whom it is for."""
        return f'{self._row},"number":{number},{self._whom}'

    def appended(self, seq: int, number: int, data: str) -> Appended:
        """Return what has become of the draft at that place; `data` is that of the event."""
        message = self._message
        message.number = number  # type: ignore[misc] # nobody else has seen it yet
        event = Event(
            seq=seq,
            kind=EventKind.MESSAGE_CREATED,
            created_at=message.created_at,
            actor_id=message.author_id,
            channel_id=message.channel_id,
            recipient_id=None,
            subject_id=message.id,
            data=data,
        )
        return Appended(message, event, f'{self._row},"number":{number}}}')


def _mentions(draft: MessageDraft) -> Iterator[tuple[object, ...]]:
    """Give id and principal of each mention."""
    return ((each.mention_id, each.principal_id) for each in draft.addressees if each.mention_id is not None)


def _items(draft: MessageDraft) -> Iterator[tuple[object, ...]]:
    """Give id, principal and kind of each inbox item, and which guard holds it back."""
    return (
        (each.inbox_id, each.principal_id, each.kind.value, each.held) for each in draft.addressees if each.inbox_id
    )
