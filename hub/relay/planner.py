"""Planner: follows the log and queues, for every link of a message's channel, the parts that have to go out.

The queue and the planner's place in the log move in one transaction, so that each message is queued exactly once.
"""

import json
from collections.abc import Mapping
from typing import Any

from airchat.protocol.events import Event, EventKind
from hub.core.events import EventBus
from hub.relay.contract import Platform
from hub.relay.inbox import came_over
from hub.relay.lanes import Lanes
from hub.relay.links import Links
from hub.relay.splitting import split
from store.ports.relay import Link, Part
from store.ports.store import Store
from store.ports.unit import Unit

_BATCH = 500


class Planner:
    """The relay's cursor over the log."""

    def __init__(
        self, store: Store, bus: EventBus, links: Links, lanes: Lanes, platforms: Mapping[str, Platform]
    ) -> None:
        self._store = store
        self._bus = bus
        self._links = links
        self._lanes = lanes
        self._platforms = platforms

    async def run(self) -> None:
        """Plan for ever."""
        async with self._store.read() as unit:
            cursor = await unit.relay.cursor()
        while True:
            events = await self._bus.read(cursor, _BATCH)
            if not events:
                await self._bus.wait(cursor)
                continue
            cursor = events[-1].seq
            await self._plan(events, cursor)

    async def _plan(self, events: list[Event], cursor: int) -> None:
        parts = [part for event in events for part in self._parts(event)]

        async def work(unit: Unit) -> None:
            await unit.relay.plan(parts, cursor)

        await self._store.write(work)
        for link_id in {part.link_id for part in parts}:
            self._lanes.wake(link_id)

    def _parts(self, event: Event) -> list[Part]:
        if event.kind is not EventKind.MESSAGE_CREATED or event.channel_id is None:
            return []
        links = [link for link in self._links.of_channel(event.channel_id) if _outward(link, event)]
        if not links:
            return []
        row = json.loads(event.data)
        return [part for link in links if not came_over(row, link) for part in self._parts_for(link, event, row)]

    def _parts_for(self, link: Link, event: Event, row: dict[str, Any]) -> list[Part]:
        platform = self._platforms.get(link.platform)
        if platform is None:
            return []
        texts = split(row["content"], platform.part_length)
        return [Part(link.id, event.seq, number, row["id"], text) for number, text in enumerate(texts)]


def _outward(link: Link, event: Event) -> bool:
    """Tell whether the link carries this event out: nothing from before the link existed is mirrored."""
    return link.direction != "in" and event.created_at >= link.created_at
