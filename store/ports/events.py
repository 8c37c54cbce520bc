"""Port: the append-only log."""

from collections.abc import Sequence
from typing import Protocol

from airchat.protocol.events import Event, EventDraft


class Events(Protocol):
    """The log. `seq` is dense and in commit order."""

    async def append(self, drafts: Sequence[EventDraft]) -> list[Event]:
        """Log the changes of this unit of work, in order."""
        ...

    async def after(self, seq: int, limit: int) -> list[Event]:
        """Return the first `limit` events above `seq`."""
        ...

    async def head(self) -> int:
        """Return the newest `seq`, 0 when the log is empty."""
        ...
