"""Working: while an agent deals with what it was asked, platforms show so beside the question.

From when it takes a mention out of its inbox until it acknowledges it. Nothing of this is kept, and what is late is
left out.
"""

import asyncio
import json
import logging
from contextlib import suppress

from airchat.protocol.events import Event, EventKind
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind
from airchat.protocol.timestamps import SECOND
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.relay.contract.outbound import Working
from hub.relay.links import Links
from hub.relay.outward.lanes import Lanes
from hub.relay.outward.references import References
from store.ports.relay import Link
from store.ports.store import Store

_LATE = 20 * SECOND
_AT_MOST_SECONDS = 5.0
_AT_WORK = "is working…"
_KINDS = frozenset({EventKind.INBOX_DELIVERED, EventKind.INBOX_ACKED})

_log = logging.getLogger(__name__)


class Workings:
    """Follows what agents take and acknowledge."""

    def __init__(
        self,
        store: Store,
        bus: EventBus,
        directory: Directory,
        *,
        links: Links,
        lanes: Lanes,
        references: References,
        clock: Clock,
    ) -> None:
        self._store = store
        self._bus = bus
        self._directory = directory
        self._links = links
        self._lanes = lanes
        self._clock = clock
        self._references = references

    async def run(self) -> None:
        """Show who is at work from now on, until cancelled."""
        async with self._store.read() as unit:
            head = await unit.events.head()
        async for events in self._bus.cursor(head):
            for event in events:
                if event.kind in _KINDS and event.channel_id is not None:
                    await self._tell(event, event.channel_id)

    async def _tell(self, event: Event, channel_id: str) -> None:
        """Tell every platform where the channel is mirrored; one that cannot show it now shows nothing."""
        links = [
            link for link in self._links.of_channel(channel_id) if link.direction != "in" and self._links.open(link)
        ]
        agent = self._directory.principal(event.actor_id or "")
        if not links or agent is None or agent.kind is not Kind.AGENT or self._clock() - event.created_at > _LATE:
            return
        row = json.loads(event.data)
        if row["kind"] != InboxKind.MENTION:
            return
        async with self._store.read() as unit:
            message = await unit.messages.get(row["message_id"])
        if message is None:
            return
        status = _AT_WORK if event.kind is EventKind.INBOX_DELIVERED else None
        for link in links:
            await self._show(link, message, agent.id, status)

    async def _show(self, link: Link, message: Message, agent_id: str, status: str | None) -> None:
        bridge = self._lanes.bridge_of(link.id)
        if bridge is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_AT_MOST_SECONDS):
                try:
                    thread = await self._references.thread_at(link, message)
                    author = self._references.author(agent_id)
                    await bridge.show_working(Working(link.remote_channel, author, status, thread))
                except Exception:  # noqa: BLE001 - it is for show alone
                    _log.debug("it cannot be shown that %s works", agent_id, exc_info=True)
