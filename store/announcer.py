"""Tells this process of commits, its own and those of other processes, each once and in log order."""

import asyncio
from collections.abc import Sequence

from airchat.protocol.events import Event
from store.ports.store import Advanced, Committed


class Announcer:
    """Knows how far the log was announced.

    Where several connections of a process see each other's commits, each holds `lock` from the begin of a transaction
    to its announcement, and while looking at the log's head: so a process never takes its own commit for somebody
    else's.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.head = 0
        self._committed: Committed = lambda _events: None
        self._advanced: Advanced = lambda _head: None

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        """Name who is told."""
        self._committed = committed
        self._advanced = advanced

    def own(self, events: Sequence[Event]) -> None:
        """Announce what this process committed; what others committed before it comes first."""
        if not events:
            return
        self.seen(events[0].seq - 1)
        self.head = events[-1].seq
        self._committed(list(events))

    def seen(self, head: int) -> None:
        """Announce that the log's head is at least here."""
        if head > self.head:
            self.head = head
            self._advanced(head)
