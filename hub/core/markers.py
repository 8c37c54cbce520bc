"""Read markers: the moment up to which somebody's clients show a channel as read, the same on all of them."""

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.memberships import move_read
from store.ports.store import Store
from store.ports.unit import Unit


class Markers:
    """Each principal's own markers, one per channel."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def get(self, actor: Principal, channel: Channel) -> int | None:
        """Return the moment, None when the actor never marked anything there.

        Raises:
            NotFound: the actor may not know of the channel.
        """
        self._require_visible(actor, channel)
        async with self._store.read() as unit:
            return await unit.markers.get(actor.id, channel.id)

    async def of(self, actor: Principal) -> dict[str, int]:
        """Return all of the actor's markers by the id of their channel."""
        return await self._store.look_up(lambda unit: unit.markers.of(actor.id))

    async def move(self, actor: Principal, channel: Channel, at: int) -> int:
        """Move the marker forward to `at` and count as read what was said until then; return where it stands now.

        Nobody has read what is not said yet: a moment to come means now, or the newest message where another clock is
        ahead; else one that goes wrong once would mark all that is ever said.

        Raises:
            NotFound: as `get`.
        """
        self._require_visible(actor, channel)
        now = self._clock()

        async def move(unit: Unit) -> int:
            before = await unit.markers.get(actor.id, channel.id)
            newest = [last.message.created_at for last in await unit.messages.history([channel.id], 1)]
            stored = await unit.markers.move(actor.id, channel.id, min(at, max([now, *newest])))
            if stored == before:
                return stored
            await unit.events.append([_event(now, actor, channel, stored)])
            for last in await unit.messages.history([channel.id], 1, until=stored + 1):
                await move_read(unit, now, actor, channel, last.message.number)
            return stored

        return await self._store.write(move)

    def _require_visible(self, actor: Principal, channel: Channel) -> None:
        if not self._directory.readable(actor, channel):
            raise NotFound("Channel not found")


def _event(now: int, actor: Principal, channel: Channel, at: int) -> EventDraft:
    data = {"target": channel.id, "channel": shown_name(channel), "at": to_iso(at)}
    return EventDraft(EventKind.READ_MARKED, now, actor.id, channel.id, actor.id, actor.id, data)
