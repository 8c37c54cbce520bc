"""Mutes: whose messages a linked channel is not shown, because people there asked for that.

They are kept as metadata of the hub channel, a list of principals for each link.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Principal
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.metadata import Metadata
from hub.core.system import SYSTEM, system_principal
from store.ports.relay import Link
from store.ports.store import Store

LIMIT = 25
"""Ids of as many principals fit into one value."""

_KEY = "relay/muted."


class Mutes:
    """What is muted where, kept in memory as it is in the store."""

    def __init__(self, store: Store, bus: EventBus, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._metadata = Metadata(store, clock, directory)
        self._muted: dict[str, tuple[str, ...]] = {}
        bus.add_listener(self.observe, [EventKind.METADATA_CHANGED])

    async def load(self, links: Iterable[Link]) -> None:
        """Read what is muted over these links."""
        async with self._store.read() as unit:
            for channel_id in {link.channel_id for link in links}:
                for key, value in (await unit.metadata.all(channel_id)).items():
                    self._put(key, value)

    def observe(self, events: Sequence[Event]) -> None:
        """Follow what is muted, here or by another hub on the same store."""
        for event in events:
            if event.kind is EventKind.METADATA_CHANGED and event.channel_id is not None:
                row = json.loads(event.data)
                self._put(row["key"], row["value"])

    def of(self, link: Link) -> tuple[str, ...]:
        """Return the ids of the principals that are muted over a link."""
        return self._muted.get(link.id, ())

    def keeps(self, link: Link, author_id: str | None, metadata: Mapping[str, Any]) -> bool:
        """Tell whether a message is not shown over a link; questions for approval always are."""
        return author_id in self.of(link) and "approval_id" not in metadata

    async def change(self, link: Link, principal: Principal, *, muted: bool) -> bool:
        """Mute somebody over a link, or no longer; False when it was so before.

        Raises:
            Conflict: there are as many muted as may be.
            NotFound: the hub channel is gone.
        """
        await self.load([link])
        before = self.of(link)
        if (principal.id in before) is muted:
            return False
        if muted and len(before) >= LIMIT:
            raise Conflict(f"At most {LIMIT} can be muted in a channel; unmute one first")
        after = (*before, principal.id) if muted else tuple(one for one in before if one != principal.id)
        channel = self._directory.channel(link.channel_id)
        if channel is None:
            raise NotFound("The hub channel is gone")
        system = await system_principal(self._store, self._clock, SYSTEM)
        await self._metadata.set(system, channel, f"{_KEY}{link.id}", ",".join(after) or None)
        self._put(f"{_KEY}{link.id}", ",".join(after) or None)
        return True

    def _put(self, key: str, value: str | None) -> None:
        if not key.startswith(_KEY):
            return
        if value:
            self._muted[key.removeprefix(_KEY)] = tuple(value.split(","))
        else:
            self._muted.pop(key.removeprefix(_KEY), None)
