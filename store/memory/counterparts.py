"""Counterparts in memory."""

from collections.abc import Sequence
from dataclasses import replace

from store.memory.tables import Tables
from store.ports.counterparts import Mark, Pair


class MemoryCounterparts:
    """See `store.ports.counterparts.Counterparts`."""

    def __init__(self, tables: Tables) -> None:
        self._pairs = tables.pairs
        self._marks = tables.marks

    async def add(self, pair: Pair) -> None:
        """Keep a pair; one that is there already stays."""
        if (pair.link_id, pair.remote_id) not in self._pairs:
            self._pairs.put((pair.link_id, pair.remote_id), pair)

    async def save(self, pair: Pair) -> None:
        """Replace hash, version and gone."""
        known = self._pairs.get((pair.link_id, pair.remote_id))
        if known is not None:
            changed = replace(known, hash=pair.hash, version=pair.version, gone=pair.gone)
            self._pairs.put((pair.link_id, pair.remote_id), changed)

    async def of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """Return the pair of a remote message."""
        return self._pairs.get((link_id, remote_id))

    async def of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """Return the counterparts of a hub message, by number."""
        mine = [it for it in self._pairs.rows() if (it.link_id, it.message_id) == (link_id, message_id)]
        return sorted(mine, key=lambda it: (it.number, it.created_at, it.remote_id))

    async def recent(self, link_id: str, since: int, limit: int) -> list[Pair]:
        """Return the newest pairs that are not gone, oldest first."""
        mine = [it for it in self._pairs.rows() if it.link_id == link_id and it.created_at >= since and not it.gone]
        return sorted(mine, key=lambda it: (it.created_at, it.remote_id))[-limit:]

    async def mark(self, mark: Mark) -> None:
        """Keep a mark; one that is there already stays."""
        if _key(mark) not in self._marks:
            self._marks.put(_key(mark), mark)

    async def unmark(self, mark: Mark) -> None:
        """Forget a mark."""
        self._marks.remove(_key(mark))

    async def marks(self, link_id: str, remote_ids: Sequence[str]) -> list[Mark]:
        """Return the marks on these remote messages."""
        mine = [it for it in self._marks.rows() if it.link_id == link_id and it.remote_id in remote_ids]
        return sorted(mine, key=_key)


def _key(mark: Mark) -> tuple[str, str, str, str]:
    return mark.link_id, mark.remote_id, mark.emoji, mark.remote_user
