"""Readings: which channels were read up since events arrive, and how those that are behind catch up."""

from hub.relay.contract.bridge import Bridge, Intake, LinkedChannel
from hub.relay.counters import Count, Counters
from hub.relay.pace import Pace
from hub.relay.rules import rules_of
from store.ports.queues import Received
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

_BACKLOG = 100_000

Place = tuple[str, str]
"""Where an event stands among those of its channel."""


class Readings:
    """Of one running bridge: it `listened` so many times, and each time every channel has to be read up."""

    def __init__(self, store: Store, bridge: Bridge, counters: Counters, pace: Pace) -> None:
        self.listened = 0
        self._store = store
        self._bridge = bridge
        self._counters = counters
        self._pace = pace
        self._read_up: dict[str, int] = {}
        self._pressing: set[str] = set()
        self._until: dict[str, Place] = {}

    def behind(self, link_id: str) -> bool:
        """Tell whether the channel has to be read up before anything more of it is processed."""
        return self._read_up.get(link_id) != self.listened

    def press(self, link_id: str) -> None:
        """Say that something waits for the channel's history, if it has to be read up."""
        if self.behind(link_id):
            self._pressing.add(link_id)

    def read_up(self, link_id: str) -> int:
        """Return since which time of listening the channel is read up; 0 for none."""
        return self._read_up.get(link_id, 0)

    def until(self, link_id: str) -> Place:
        """Return up to where events waited when the channel had been read up."""
        return self._until[link_id]

    async def catch_up(self, link: Link, intake: Intake) -> None:
        """Have the bridge read the channel's history; an interruption meanwhile makes it read again."""
        await self._pace.opened(link.id)
        listened, link = self.listened, await self._fresh(link)
        channel = LinkedChannel(
            remote_channel=link.remote_channel,
            watermark=link.watermark,
            linked_at=link.created_at,
            earlier=0 if link.watermark else rules_of(link).backfill,
            cursor=link.reading,
            pressing=lambda: link.id in self._pressing,
        )
        await self._bridge.read_up(channel, intake)
        await self.save(link.id, None)
        async with self._store.read() as unit:
            waiting = await unit.queues.waiting(link.id, _BACKLOG)
        self._until[link.id] = place(waiting[-1]) if waiting else ("", "")
        self._counters.add(link.platform, Count.READ_UP)
        self._read_up[link.id] = listened
        if not self.behind(link.id):
            self._pressing.discard(link.id)

    async def save(self, link_id: str, cursor: str | None) -> None:
        """Remember how far the reading of a channel's history came."""

        async def work(unit: Unit) -> None:
            await unit.relay.save_reading(link_id, cursor)

        await self._store.write(work)

    async def _fresh(self, link: Link) -> Link:
        """Return the link as it is in the store, where its watermark is; what waits there already is pressing."""
        async with self._store.read() as unit:
            if await unit.queues.waiting(link.id, 1):
                self._pressing.add(link.id)
            return next((it for it in await unit.relay.links() if it.id == link.id), link)


def place(received: Received) -> Place:
    """Return where an event stands."""
    return received.order_key, received.key
