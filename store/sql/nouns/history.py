"""Pages of the log over SQL: messages and other events of channels, by their place in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from airchat.protocol.events import EventKind
from store.sql.session import Row, Session, ids_json, rows_json

_END = 9_223_372_036_854_775_807


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
        name = f"history.{window.query}"
        if window.timed:
            rows = await self._session.fetch(name, ids_json(set(channel_ids)), limit, *window.times)
        elif ranges := await self._ranges(channel_ids, window):
            rows = await self._session.fetch(name, rows_json(ranges), limit, *window.times)
        else:
            rows = []
        return sorted(rows, key=_seq)

    async def events(
        self, channel_ids: Sequence[str], kinds: Sequence[EventKind], limit: int, window: Window
    ) -> list[Row]:
        """Return rows of events that are neither new messages nor for one recipient."""
        numbers = () if window.timed else (window.after or 0, _END if window.before is None else window.before)
        rows = await self._session.fetch(
            f"history.events_{window.query}",
            ids_json(set(channel_ids)),
            limit,
            *window.times,
            *numbers,
            ids_json(kind.value for kind in kinds),
        )
        return sorted(rows, key=_seq)

    async def _ranges(self, channel_ids: Sequence[str], window: Window) -> list[tuple[str, int, int]]:
        """Return the channels that can have messages in the window, with the numbers around these messages."""
        after = window.after or 0
        # The message right before `before` is the last up to the number below it.
        upto = _END if window.before is None else window.before - 1
        wanted = [(channel_id, seq) for channel_id in set(channel_ids) for seq in {after, upto} if 0 < seq < _END]
        found = await self._session.fetch("history.positions", rows_json(wanted)) if wanted else []
        numbers = {(row["channel_id"], row["seq"]): int(row["number"]) for row in found}
        last = _END - 1 if upto == _END else 0
        ranges = (
            (channel_id, numbers.get((channel_id, after), 0), numbers.get((channel_id, upto), last) + 1)
            for channel_id in set(channel_ids)
        )
        return [(channel_id, above, below) for channel_id, above, below in ranges if above + 1 < below]


def _seq(row: Row) -> int:
    return int(row["seq"])
