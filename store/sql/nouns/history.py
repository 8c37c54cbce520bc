"""Pages of the log over SQL: messages and other events of channels, by their place in it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from airchat.protocol.events import EventKind
from store.sql.session import Row, Session, ids_json, rows_json

_END = 9_223_372_036_854_775_807
_GROWTH = 8


_Fetch = Callable[["Window"], Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class Window:
    """The bounds of `store.ports.messages.Messages.history`; those not given are as far away as can be."""

    after: int | None
    before: int | None
    since: int | None
    until: int | None
    newest: bool

    @property
    def timed(self) -> bool:
        """Whether time alone bounds it, and so tells what is newest."""
        return self.after is None and self.before is None and (self.since is not None or self.until is not None)

    @property
    def query(self) -> str:
        """The end of the query's name."""
        return ("newest" if self.newest else "oldest") + ("_by_time" if self.timed else "")

    @property
    def times(self) -> tuple[int, int]:
        """The first moment, and the first one after the last."""
        return 0 if self.since is None else self.since, _END if self.until is None else self.until


class History:
    """The rows of a window, in the order of the log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def messages(self, channel_ids: Sequence[str], limit: int, window: Window) -> list[Row]:
        """Return rows of messages."""

        async def fetch(window: Window) -> Sequence[Row]:
            if window.timed:
                return await self._session.fetch(name, ids_json(ids), limit, *window.times)
            ranges = await self._ranges(ids, window)
            return await self._session.fetch(name, rows_json(ranges), limit, *window.times) if ranges else ()

        ids, name = sorted(set(channel_ids)), f"history.{window.query}"
        return await self._in_order(fetch, len(ids), limit, window)

    async def events(
        self, channel_ids: Sequence[str], kinds: Sequence[EventKind], limit: int, window: Window
    ) -> list[Row]:
        """Return rows of events that are neither new messages nor for one recipient."""

        async def fetch(window: Window) -> Sequence[Row]:
            numbers = () if window.timed else (window.after or 0, _END if window.before is None else window.before)
            return await self._session.fetch(name, ids_json(ids), limit, *window.times, *numbers, wanted)

        ids, name = sorted(set(channel_ids)), f"history.events_{window.query}"
        wanted = ids_json(kind.value for kind in kinds)
        return await self._in_order(fetch, len(ids), limit, window)

    async def _in_order(self, fetch: _Fetch, channels: int, limit: int, window: Window) -> list[Row]:
        """Fetch and sort; what follows a number in several channels is sought in ever larger stretches of the log.

        Each channel would otherwise have to offer as many rows as the page holds.
        """
        rows: Sequence[Row] = ()
        if channels > 1 and window.after is not None and window.before is None and not window.newest:
            head = await self._session.fetch_one("events.head")
            width = limit * _GROWTH
            while len(rows) < limit and head is not None and window.after + width < head["seq"]:
                rows = await fetch(replace(window, before=window.after + width + 1))
                width *= _GROWTH
        if len(rows) < limit:
            rows = await fetch(window)
        return sorted(rows, key=_seq)

    async def _ranges(self, channel_ids: list[str], window: Window) -> list[tuple[str, int, int]]:
        """Return the channels that can have messages in the window, with the numbers around these messages."""
        after = window.after or 0
        # The message right before `before` is the last up to the number below it.
        upto = _END if window.before is None else window.before - 1
        wanted = [(channel_id, seq) for channel_id in channel_ids for seq in {after, upto} if 0 < seq < _END]
        found = await self._session.fetch("history.positions", rows_json(wanted)) if wanted else []
        numbers = {(row["channel_id"], row["seq"]): int(row["number"]) for row in found}
        last = _END - 1 if upto == _END else 0
        ranges = (
            (channel_id, numbers.get((channel_id, after), 0), numbers.get((channel_id, upto), last) + 1)
            for channel_id in channel_ids
        )
        return [(channel_id, above, below) for channel_id, above, below in ranges if above + 1 < below]


def _seq(row: Row) -> int:
    return int(row["seq"])
