"""Planner: follows the log and queues, for every link of a message's channel, the parts that have to go out.

The queue and the planner's place in the log move in one transaction, and a part is queued once however often it is
planned: so that each message goes out exactly once.
"""

import json
from typing import Any

from airchat.protocol.events import Event, EventKind
from hub.core.events import EventBus
from hub.relay.inbox import came_over
from hub.relay.lanes import Lanes
from hub.relay.links import Links
from hub.relay.splitting import split
from store.ports.relay import Link, Part
from store.ports.store import Store
from store.ports.unit import Unit

_BATCH = 500
_SAVE_EVERY = 1_000
_PART_LENGTH = 3_500


class Planner:
    """The relay's cursor over the log."""

    def __init__(self, store: Store, bus: EventBus, links: Links, lanes: Lanes) -> None:
        self._store = store
        self._bus = bus
        self._links = links
        self._lanes = lanes

    async def run(self) -> None:
        """Plan for ever. The cursor is saved with parts, else now and then: events without any can be seen twice."""
        async with self._store.read() as unit:
            saved = await unit.relay.cursor()
        async for events in self._bus.cursor(saved, _BATCH):
            parts = [part for event in events for part in self._parts(event)]
            if parts or events[-1].seq - saved >= _SAVE_EVERY:
                saved = events[-1].seq
                await self._plan(parts, saved)

    async def _plan(self, parts: list[Part], cursor: int) -> None:
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
        texts = split(row["content"] or "", _PART_LENGTH)
        return [
            Part(link.id, event.seq, number, row["id"], text, changed_at=event.created_at)
            for number, text in enumerate(texts)
        ]


def _outward(link: Link, event: Event) -> bool:
    """Tell whether the link carries this event out: nothing from before the link existed is mirrored."""
    return link.direction != "in" and event.created_at >= link.created_at
