"""The log in memory."""

import json
from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.events import Event, EventDraft, EventKind
from store.memory.history import Window
from store.memory.tables import Tables


class MemoryEvents:
    """See `store.ports.events.Events`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    async def append(self, drafts: Sequence[EventDraft]) -> list[Event]:
        """Log the changes."""
        return [self.log(draft) for draft in drafts]

    async def after(self, seq: int, limit: int) -> list[Event]:
        """Return the first `limit` events above `seq`."""
        return self._table.pick(range(seq + 1, min(seq + limit, len(self._table)) + 1))

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
        """Return a page of the log's other events."""
        rows = (
            event
            for event in self._table.rows()
            if event.channel_id in channel_ids
            and event.kind in kinds
            and event.kind is not EventKind.MESSAGE_CREATED
            and event.recipient_id is None
        )
        return Window(after, before, since, until, newest).page(rows, limit)

    async def head(self) -> int:
        """Return the newest `seq`."""
        return len(self._table)

    def log(self, draft: EventDraft) -> Event:
        """Log one change."""
        event = Event(
            seq=len(self._table) + 1,
            kind=draft.kind,
            created_at=draft.created_at,
            actor_id=draft.actor_id,
            channel_id=draft.channel_id,
            recipient_id=draft.recipient_id,
            subject_id=draft.subject_id,
            data=_text(draft.data or {}),
        )
        self._table.put(event.seq, event)
        return event

    def scrub(self, subject_id: str, blank: dict[str, object]) -> None:
        """Put what is blank into the events about what is deleted, where they have such fields."""
        for event in self._table.rows():
            if event.subject_id == subject_id:
                data = json.loads(event.data)
                gone = {key: value for key, value in blank.items() if key in data}
                self._table.put(event.seq, replace(event, data=_text(data | gone)))


def _text(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
