"""Port: the append-only log."""

from collections.abc import Sequence
from typing import Protocol

from airchat.protocol.events import Event, EventDraft, EventKind


class Events(Protocol):
    """The log. `seq` is dense and in commit order."""

    async def append(self, drafts: Sequence[EventDraft]) -> list[Event]:
        """Log the changes of this unit of work, in order."""
        ...

    async def after(self, seq: int, limit: int) -> list[Event]:
        """Return the first `limit` events above `seq`."""
        ...

    async def of_channels(
        self,
        channel_ids: Sequence[str],
        kinds: Sequence[EventKind],
        limit: int,
        *,
        after: int | None = None,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        newest: bool = True,
    ) -> list[Event]:
        """Return the newest (or oldest) `limit` events of these kinds in these channels, by `seq`.

        Bounds are as in `Messages.history`. Neither `message.created` nor what is for one recipient is ever among them.
        """
        ...

    async def head(self) -> int:
        """Return the newest `seq`, 0 when the log is empty."""
        ...
