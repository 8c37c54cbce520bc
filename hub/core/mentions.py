"""Mentions: where somebody was named, and what of it they have read."""

from collections.abc import Sequence

from airchat.protocol.channels import Channel
from airchat.protocol.events import EventKind
from airchat.protocol.messages import Mention, Message
from airchat.protocol.principals import Principal
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.inbox import log_items
from store.ports.store import Store
from store.ports.unit import Unit


class Mentions:
    """Somebody's own mentions."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def mark_read(self, actor: Principal, mention_ids: Sequence[str]) -> int:
        """Mark the actor's own among these read, and acknowledge the inbox items of their messages.

        Returns the number of ids given, as clients expect, whosever they are.
        """
        now = self._clock()

        async def mark(unit: Unit) -> None:
            message_ids = await unit.messages.read_mentions(actor.id, mention_ids, now)
            if message_ids:
                items = await unit.inbox.ack_messages(actor.id, message_ids, now)
                await log_items(unit, now, EventKind.INBOX_ACKED, actor, items)

        await self._store.write(mark)
        return len(mention_ids)

    async def list(
        self, actor: Principal, *, unread_only: bool = True, limit: int = 20
    ) -> list[tuple[Mention, Message, Channel]]:
        """Return where the actor was mentioned, newest first, in what it may see."""
        async with self._store.read() as unit:
            found = await unit.messages.mentions_of(actor.id, limit, unread_only=unread_only)
        return [hit for hit in found if self._directory.readable(actor, hit[2])]
