"""The bulk append: every draft of a batch in a fixed number of statements."""

from collections.abc import Awaitable, Callable, Container, Sequence

import orjson

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event
from airchat.protocol.messages import Message
from store.batch import Outcome, Report
from store.ports.messages import Appended, MessageDraft
from store.sql.nouns.events import SqlEvents
from store.sql.nouns.rows import message_of
from store.sql.nouns.sheet import Sheet
from store.sql.session import Session, ids_json, rows_json

_Place = tuple[int, int, str]
"""A draft's number in the log and in its channel, and the data of its event, which has the latter in it."""


Write = Callable[[Sequence[Sequence[object]], int], Awaitable[None]]
"""Executes `append.write` with these rows and commits, if the log's head is still where the number says."""


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

    async def alone(self, sheets: Sequence[Sheet], write: Write) -> Report:
        """Write the drafts as a transaction of their own, which fails if others wrote meanwhile.

        What has to be known of the log and the channels is kept from before: as long as the log's head is where it was,
        nothing happened to any channel. `write` fails as well when a draft was sent before under its key, or answers
        what is not there. Then nothing is done.
        """
        head, numbers = await self._kept(sheets)
        self.forget()
        places = _places(sheets, head, numbers)
        await write(_rows(sheets, places, head), head)
        self._head = head + len(sheets)
        return lambda: _report(sheets, places)

    async def drafts(self, drafts: Sequence[MessageDraft]) -> list[Appended]:
        """Write the drafts and tell what became of each, in order."""
        return await self.sheets([Sheet(draft) for draft in drafts])

    async def sheets(self, sheets: Sequence[Sheet]) -> list[Appended]:
        """Do the same with drafts that are written out."""
        known = await self._written_before(sheets)
        fresh = _unwritten(sheets, known)
        head, numbers = await self._look(fresh)
        await self._check_parents(fresh)
        new = iter(await self._write(fresh, _places(fresh, head, numbers)))
        results: list[Appended] = []
        for sheet in sheets:
            earlier = known.get(sheet.key)
            appended = next(new) if earlier is None else Appended(earlier, None)
            results.append(appended)
            if sheet.key is not None:
                known[sheet.key] = appended.message  # a repetition within the batch finds it, too
        return results

    async def _written_before(self, sheets: Sequence[Sheet]) -> dict[tuple[str, str] | None, Message]:
        keys = [sheet.key for sheet in sheets if sheet.key is not None]
        rows = await self._session.fetch("append.repeats", rows_json(keys)) if keys else ()
        return {(row["author_id"], row["idempotency_key"]): message_of(row) for row in rows}

    async def _kept(self, sheets: Sequence[Sheet]) -> tuple[int, dict[str, int]]:
        """Return the log's head and the newest number of each channel, among others; what is not known is looked up."""
        if self._head is None or any(sheet.channel_id not in self._numbers for sheet in sheets):
            head, numbers = await self._look(sheets)
            self._numbers = numbers if head != self._head else self._numbers | numbers
            self._head = head
        return self._head, self._numbers

    async def _look(self, sheets: Sequence[Sheet]) -> tuple[int, dict[str, int]]:
        """Return the log's head and the newest number of each channel; all exist and none is archived."""
        wanted = {sheet.channel_id for sheet in sheets}
        row = await self._session.fetch_one("append.look", ids_json(wanted)) if wanted else None
        if row is None:
            return 0, {}
        channels = orjson.loads(row["channels"] or "[]")
        if len(channels) < len(wanted):
            raise NotFound("Channel not found")
        if any(archived for _, archived, _ in channels):
            raise Conflict("The channel is archived.")
        return row["head"], {channel_id: number for channel_id, _, number in channels}

    async def _check_parents(self, sheets: Sequence[Sheet]) -> None:
        replies = [(parent, sheet.channel_id) for sheet in sheets if (parent := sheet.draft.parent_id) is not None]
        if not replies:
            return
        rows = await self._session.fetch("append.parents", ids_json({parent for parent, _ in replies}))
        places = {row["id"]: row["channel_id"] for row in rows}
        places.update({sheet.draft.id: sheet.channel_id for sheet in sheets})
        if any(places.get(parent) != channel for parent, channel in replies):
            raise NotFound("Parent message not found")

    async def _write(self, sheets: Sequence[Sheet], places: Sequence[_Place]) -> list[Appended]:
        """Write messages and all that goes with them."""
        if not sheets:
            return []
        await self._session.execute_rows("append.write", _rows(sheets, places))
        appended, events = _written(sheets, places)
        self._events.note(events)
        return appended


def _unwritten(sheets: Sequence[Sheet], known: Container[tuple[str, str] | None]) -> list[Sheet]:
    """Return the drafts that were not sent before, neither earlier nor within the batch."""
    first: dict[object, Sheet] = {}
    for sheet in sheets:
        if sheet.key not in known:
            first.setdefault(sheet.key or sheet, sheet)
    return list(first.values())


def _places(sheets: Sequence[Sheet], head: int, numbers: dict[str, int]) -> list[_Place]:
    """Return the places of the drafts behind the log's head; the numbers of their channels move on."""
    places = []
    for seq, sheet in enumerate(sheets, head + 1):
        number = numbers[sheet.channel_id] = numbers[sheet.channel_id] + 1
        places.append((seq, number, sheet.data(number)))
    return places


def _rows(sheets: Sequence[Sheet], places: Sequence[_Place], known: int | None = None) -> list[tuple[object, ...]]:
    """Return the rows for `append.write`; `known` is where the log's head has to be, None where that is certain."""
    rows = []
    for sheet, place in zip(sheets, places, strict=True):
        rows.append((*place, known, *sheet.columns))
        known = None
    return rows


def _written(sheets: Sequence[Sheet], places: Sequence[_Place]) -> tuple[list[Appended], list[Event]]:
    """Return what the drafts have become, and their events."""
    appended = [sheet.appended(*place) for sheet, place in zip(sheets, places, strict=True)]
    return appended, [each.event for each in appended if each.event is not None]


def _report(sheets: Sequence[Sheet], places: Sequence[_Place]) -> tuple[list[Outcome], list[Event]]:
    """Tell the writer the same."""
    appended, events = _written(sheets, places)
    return [Outcome(each) for each in appended], events
