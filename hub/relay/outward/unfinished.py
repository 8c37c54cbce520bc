"""Unfinished: which posts platforms show as being written, so that none looks so for ever.

What is kept of such a post says so, beside what it says: a start of the hub knows it again. An open one is brought up
to date like any other, and finished with its message; after a while it is finished in any case, as what it says by
then, and what its message still becomes is an edit.
"""

from dataclasses import replace

from airchat.protocol.messages import Message, is_unfinished
from airchat.protocol.timestamps import MINUTE, SECOND
from hub.core.clock import Clock
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingKind
from store.ports.store import Store

OPEN_FOR = 4 * MINUTE
"""How long a post is shown as being written at most: Slack ends by itself, and badly, what is open for five minutes."""

_AGAIN = 10 * SECOND
_NO_EVENT = 0
_REACH = 30 * 24 * 60 * MINUTE
_MANY = 1_000
_OPEN = "+"


def is_open(pair: Pair) -> bool:
    """Tell whether a post is shown as being written."""
    return pair.hash.endswith(_OPEN)


def told(pair: Pair) -> str:
    """Return the hash of what it says."""
    return pair.hash.removesuffix(_OPEN)


def is_overdue(outgoing: Outgoing) -> bool:
    """Tell whether it is an errand of `Unfinished.overdue`."""
    return outgoing.seq == _NO_EVENT


def with_hash(pair: Pair, hash_now: str, *, still_open: bool) -> Pair:
    """Return what is kept of a post that says this, and is shown as being written or not."""
    return replace(pair, hash=hash_now + _OPEN if still_open else hash_now)


class Unfinished:
    """Knows the open posts of every lane that works; the store knows them too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._due: dict[str, dict[str, int]] = {}

    async def recall(self, link_id: str) -> None:
        """Learn from the store which posts of a lane are open."""
        async with self._store.read() as unit:
            pairs = await unit.counterparts.recent(link_id, self._clock() - _REACH, _MANY)
        self._due[link_id] = {pair.message_id: pair.created_at + OPEN_FOR for pair in pairs if is_open(pair)}

    def note(self, pair: Pair) -> None:
        """Take note of how a post is shown now."""
        lane = self._due.setdefault(pair.link_id, {})
        if is_open(pair) and not pair.gone:
            lane.setdefault(pair.message_id, pair.created_at + OPEN_FOR)
        else:
            lane.pop(pair.message_id, None)

    def forget(self, link_id: str, message_id: str) -> None:
        """Say that nothing of a message is open, or there, any more."""
        self._due.get(link_id, {}).pop(message_id, None)

    def overdue(self, link_id: str) -> Outgoing | None:
        """Return an errand, which no event has asked for, to finish what is open for too long; None without such.

        It is in no queue, and comes again after a while until it is said that nothing is open any more.
        """
        now, lane = self._clock(), self._due.get(link_id, {})
        message_id = next((it for it, due in lane.items() if due <= now), None)
        if message_id is None:
            return None
        lane[message_id] = now + _AGAIN
        return Outgoing(link_id, _NO_EVENT, OutgoingKind.CHANGE, message_id, now)

    def stays_open(self, pair: Pair, message: Message) -> bool:
        """Tell whether a post goes on being shown as being written."""
        young = self._clock() < pair.created_at + OPEN_FOR
        return is_open(pair) and young and message.deleted_at is None and is_unfinished(message.metadata)
