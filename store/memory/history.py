"""Which rows of the log a page of history holds, in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from airchat.protocol.events import Event
from store.ports.messages import Numbered

Row = TypeVar("Row", Event, Numbered)


@dataclass(frozen=True, slots=True)
class Window:
    """The bounds of `store.ports.messages.Messages.history`."""

    after: int | None
    before: int | None
    since: int | None
    until: int | None
    newest: bool

    def page(self, rows: Iterable[Row], limit: int) -> list[Row]:
        """Return the newest or oldest `limit` of the rows within the bounds, by `seq`."""
        timed = self.after is None and self.before is None and (self.since is not None or self.until is not None)
        found = sorted(
            (row for row in rows if self._holds(row)), key=lambda row: (moment(row) if timed else 0, row.seq)
        )
        kept = found[-limit:] if self.newest else found[:limit]
        return sorted(kept, key=lambda row: row.seq)

    def _holds(self, row: Event | Numbered) -> bool:
        at = moment(row)
        return (
            (self.after is None or row.seq > self.after)
            and (self.before is None or row.seq < self.before)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


def moment(row: Event | Numbered) -> int:
    """Return when the row's message or event came to be."""
    return row.created_at if isinstance(row, Event) else row.message.created_at
