"""The log over SQL."""

from collections.abc import Sequence

import orjson

from airchat.protocol.events import Event, EventDraft, EventKind
from store.sql.nouns.history import History, Window
from store.sql.session import Row, Session, json_text, rows_json


def _event_of(row: Row) -> Event:
    return Event(
        seq=row["seq"],
        kind=EventKind(row["kind"]),
        created_at=row["created_at"],
        actor_id=row["actor_id"],
        channel_id=row["channel_id"],
        recipient_id=row["recipient_id"],
        subject_id=row["subject_id"],
        data=row["data"],
    )


def event_columns(event: Event) -> tuple[object, ...]:
    """Return the columns of an event's row."""
    return (
        event.seq,
        event.kind.value,
        event.created_at,
        event.actor_id,
        event.channel_id,
        event.recipient_id,
        event.subject_id,
        event.data,
    )


class SqlEvents:
    """Implements `store.ports.events.Events`; what it logs it also adds to `logged`, for the announcement."""

    def __init__(self, session: Session, logged: list[Event]) -> None:
        self._session = session
        self._logged = logged
        self._history = History(session)

    async def append(self, drafts: Sequence[EventDraft]) -> list[Event]:
        """See the port."""
        if not drafts:
            return []
        row = await self._session.fetch_one("events.allocate", len(drafts))
        if row is None:
            raise LookupError("the log has no head")
        first = row["seq"] - len(drafts) + 1
        events = [
            Event(
                seq=first + offset,
                kind=draft.kind,
                created_at=draft.created_at,
                actor_id=draft.actor_id,
                channel_id=draft.channel_id,
                recipient_id=draft.recipient_id,
                subject_id=draft.subject_id,
                data=json_text(draft.data or {}),
            )
            for offset, draft in enumerate(drafts)
        ]
        await self._session.execute("events.insert", rows_json(event_columns(event) for event in events))
        self.note(events)
        return events

    def note(self, events: Sequence[Event]) -> None:
        """Have events announced that were written together with what they are about."""
        self._logged.extend(events)

    async def after(self, seq: int, limit: int) -> list[Event]:
        """See the port."""
        return [_event_of(row) for row in await self._session.fetch("events.after", seq, limit)]

    async def of_channels(
        self,
        channel_ids: Sequence[str],
        kinds: Sequence[EventKind],
        limit: int,
        *,
        after: int | None = None,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        newest: bool = True,
    ) -> list[Event]:
        """See the port."""
        window = Window(after, before, since, until, newest)
        return [_event_of(row) for row in await self._history.events(channel_ids, kinds, limit, window)]

    async def head(self) -> int:
        """See the port."""
        row = await self._session.fetch_one("events.head")
        return 0 if row is None else int(row["seq"])

    async def scrub(self, subject_id: str, blank: dict[str, object]) -> None:
        """Put what is blank into the events about what is deleted, where they have such fields."""
        for event in await self._session.fetch("events.about", subject_id):
            data: dict[str, object] = orjson.loads(event["data"])
            gone = {key: value for key, value in blank.items() if key in data}
            await self._session.execute("events.redact", event["seq"], json_text(data | gone))
