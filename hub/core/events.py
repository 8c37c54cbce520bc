"""The bus: what was committed to the log, told in order to everybody who follows it.

The log itself is the store's. The bus keeps its newest events in memory, fills in what other hubs on the same store
wrote, and wakes who waits. Nothing is kept per consumer: each is a cursor, a number it remembers itself.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from itertools import islice

from airchat.protocol.events import Event, EventKind
from store.ports.store import Store

Listener = Callable[[list[Event]], None]

_BATCH = 500
QUOTING = frozenset(
    {
        EventKind.MESSAGE_CREATED,
        EventKind.MESSAGE_EDITED,
        EventKind.MESSAGE_PINNED,
        EventKind.MESSAGE_UNPINNED,
    }
)
"""What carries the row of a message, text and all."""

_log = logging.getLogger(__name__)


class EventBus:
    """Follows one store. Made before the store is opened, started after; `head` is the newest event it knows."""

    def __init__(
        self, store: Store, ring: int = 10_000, weight: int = 16 * 1024 * 1024, retry_seconds: float = 1.0
    ) -> None:
        """Listen to the store; try a failed reading again after a while.

        Kept are at least the newest `ring` events as far as their data are no more than `weight` characters together,
        and never more than twice that.
        """
        self._store = store
        self._ring_size = ring
        self._ring_weight = weight
        self._retry_seconds = retry_seconds
        self._ring: list[Event] = []
        self._weight = 0
        self._head = 0
        self._wanted = 0
        self._listeners: list[tuple[Listener, frozenset[EventKind] | None]] = []
        self._news = asyncio.Event()
        self._gap = asyncio.Event()
        self._filler: asyncio.Task[None] | None = None
        store.listen(self.committed, self.advanced)

    @property
    def head(self) -> int:
        """Return the `seq` up to which events have been told; 0 before the first."""
        return self._head

    async def start(self) -> None:
        """Begin at the log's present head, and keep up with other hubs from now on."""
        head = await self.newest()
        if head > self._head:
            self._head = head
            self._ring.clear()
            self._weight = 0
        self._filler = asyncio.create_task(self._fill(), name="event bus")

    async def newest(self) -> int:
        """Return the log's head in the store, which `head` comes up to after other hubs wrote."""
        return await self._store.look_up(lambda unit: unit.events.head())

    async def close(self) -> None:
        """Stop following; who still waits, waits on."""
        if self._filler is not None:
            self._filler.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._filler
            self._filler = None

    def add_listener(self, listener: Listener, kinds: Collection[EventKind] | None = None) -> None:
        """Call `listener` with every batch of events that has one of these kinds, in order, before anybody waiting.

        It should not raise: that would be logged, and everybody else told nevertheless.
        """
        self._listeners.append((listener, None if kinds is None else frozenset(kinds)))

    def committed(self, events: list[Event]) -> None:
        """Take in what this process committed."""
        self._accept(events)

    def advanced(self, head: int) -> None:
        """Take note that the log reaches up to `head`, and fetch what is missing."""
        if head > max(self._wanted, self._head):
            self._wanted = head
            self._gap.set()

    async def wait(self, after: int) -> None:
        """Return once there are events above `after`."""
        while self._head <= after:
            await self._news.wait()

    async def settled(self) -> None:
        """Return when everything has been told that this process had committed when this was called.

        That is so whenever a use-case returns, unless another hub wrote in between: then its events come first.
        """
        await self.wait(self._wanted - 1)

    async def caught_up(self) -> None:
        """Return when everything has been told that any hub had committed when this was called.

        Raises:
            Unavailable: the store cannot be read now.
        """
        newest = await self.newest()
        self.advanced(newest)
        await self.wait(newest - 1)

    async def read(self, after: int, limit: int = _BATCH) -> list[Event]:
        """Return the first `limit` events above `after`, up to `head`; from memory, or from the store when too old."""
        if after >= self._head:
            return []
        start = after - (self._head - len(self._ring))
        if start >= 0:
            return self._ring[start : start + limit]
        head = self._head
        async with self._store.read() as unit:
            events = await unit.events.after(after, limit)
        return [event for event in events if event.seq <= head]

    async def cursor(self, after: int, limit: int = _BATCH) -> AsyncIterator[list[Event]]:
        """Yield every event above `after`, in batches of at most `limit`, for ever."""
        while True:
            await self.wait(after)
            events = await self.read(after, limit)
            if events:
                after = events[-1].seq
                yield events

    def _accept(self, events: Sequence[Event]) -> None:
        """Tell of the events that come next; note a gap when others must come first."""
        fresh = [event for event in events if event.seq > self._head]
        if not fresh:
            return
        if fresh[0].seq != self._head + 1:
            self.advanced(fresh[-1].seq)
            return
        self._head = fresh[-1].seq
        self._ring += fresh
        for event in fresh:
            if event.kind is EventKind.MESSAGE_DELETED:
                self._forget(event.subject_id)
        self._weight += sum(len(event.data) for event in fresh)
        if len(self._ring) > 2 * self._ring_size or self._weight > 2 * self._ring_weight:
            self._shrink()
        kinds = {event.kind for event in fresh}
        for listener, wanted in self._listeners:
            if wanted is not None and wanted.isdisjoint(kinds):
                continue
            try:
                listener(fresh)
            except Exception:  # noqa: BLE001 - whoever listens beside it hears of the events all the same
                _log.exception("a listener failed at events %d to %d", fresh[0].seq, fresh[-1].seq)
        self._news.set()
        self._news = asyncio.Event()

    def _shrink(self) -> None:
        """Keep the newest events that are within the bounds, the very newest in any case."""
        kept = weight = 0
        for event in islice(reversed(self._ring), self._ring_size):
            if kept and weight + len(event.data) > self._ring_weight:
                break
            kept, weight = kept + 1, weight + len(event.data)
        del self._ring[: len(self._ring) - kept]
        self._weight = weight

    def _forget(self, message_id: str | None) -> None:
        """Drop the events up to the last that quotes a deleted message: the store has them without its text."""
        for index in range(len(self._ring) - 1, -1, -1):
            event = self._ring[index]
            if event.subject_id == message_id and event.kind in QUOTING:
                del self._ring[: index + 1]
                return

    async def _fill(self) -> None:
        while True:
            await self._gap.wait()
            self._gap.clear()
            while self._head < self._wanted:
                if not await self._fetch():
                    await asyncio.sleep(self._retry_seconds)

    async def _fetch(self) -> bool:
        """Take in what comes next in the store; False when nothing could be read."""
        try:
            async with self._store.read() as unit:
                events = await unit.events.after(self._head, _BATCH)
        except Exception:  # noqa: BLE001 - whatever ails the store now, consumers must hear of the rest later
            _log.exception("reading the log after %d failed; trying again", self._head)
            return False
        self._accept(events)
        return bool(events)
