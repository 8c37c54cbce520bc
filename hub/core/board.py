"""The board: one line per channel, and how entries of the store become lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from airchat.protocol.channels import Channel
from airchat.protocol.messages import Message
from hub.core.direct import ALL_DIRECT
from store.ports.channels import BoardEntry

BOARD_ROWS = 15
_ENOUGH_JOINED = 5


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A line of somebody's board; all direct channels make one line together, with `ALL_DIRECT` as its channel."""

    channel: Channel
    role: str | None
    joined: bool
    unread: int
    latest: Message | None


def board_rows(entries: Sequence[BoardEntry]) -> list[BoardRow]:
    """Return the lines of the joined channels and, when they are few, of others where something was said."""
    rows = _fold([entry for entry in entries if entry.joined])
    if len(rows) >= _ENOUGH_JOINED:
        return rows
    others = [_row(entry) for entry in entries if not entry.joined and entry.latest is not None]
    return rows + others[: BOARD_ROWS - len(rows)]


def _row(entry: BoardEntry) -> BoardRow:
    return BoardRow(entry.channel, entry.role, entry.joined, entry.unread, entry.latest)


def _fold(entries: Sequence[BoardEntry]) -> list[BoardRow]:
    """Return the rows of joined channels, the direct ones together where the first of them stands."""
    rows: dict[str, BoardRow] = {}
    for entry in entries:
        if not entry.channel.direct:
            rows[entry.channel.id] = _row(entry)
            continue
        row = rows.get(ALL_DIRECT.id, BoardRow(ALL_DIRECT, entry.role, joined=True, unread=0, latest=None))
        latest = max((one for one in (row.latest, entry.latest) if one), key=_moment, default=None)
        rows[ALL_DIRECT.id] = replace(row, unread=row.unread + entry.unread, latest=latest)
    return list(rows.values())


def _moment(message: Message) -> tuple[int, str]:
    return message.created_at, message.id
