"""History: pages of what was said and done in channels, in the order of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.ids import is_id
from airchat.protocol.principals import Principal
from hub.core.directory import Directory
from store.ports.messages import Numbered
from store.ports.store import Store

PAGE = 1_000
"""How many entries a page holds at most."""

Entry = Numbered | Event
"""A message as it is today, or another event as it was; both have a `seq`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its channel, its `seq` in the log, and when it was created."""

    channel: Channel
    seq: int
    created_at: int


class History:
    """Reading the log by channel. It changes nothing: who reads here neither joins nor counts as having read."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def page(
        self,
        actor: Principal,
        channel: Channel,
        limit: int,
        *,
        kinds: Sequence[EventKind] = (),
        after: int | None = None,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        newest: bool = True,
    ) -> list[Entry]:
        """Return the newest (or oldest) `limit` messages, and events of these kinds, of a channel, oldest first.

        Only those with a `seq` strictly above `after` and below `before`, created at or after `since` and before
        `until`. Deleted messages, and events for one principal alone, are left out.

        Raises:
            NotFound: the actor may not know of the channel.
        """
        if not self._directory.readable(actor, channel):
            raise NotFound("Channel not found")
        limit = max(1, min(limit, PAGE))
        async with self._store.read() as unit:
            entries: list[Entry] = [
                *await unit.messages.history(
                    [channel.id], limit, after=after, before=before, since=since, until=until, newest=newest
                )
            ]
            if kinds:
                entries += await unit.events.of_channels(
                    [channel.id], kinds, limit, after=after, before=before, since=since, until=until, newest=newest
                )
        entries.sort(key=_seq)
        return entries[-limit:] if newest else entries[:limit]

    async def missed(
        self,
        actor: Principal,
        channel_ids: Sequence[str],
        after: int,
        limit: int,
        kinds: Sequence[EventKind] = (),
    ) -> list[Entry]:
        """Return the first `limit` messages, and events of these kinds, above `after` in all of these channels.

        Channels that the actor may not know of are left out. Fewer than `limit`, at most `PAGE`, tell that this is all.
        """
        visible = [channel_id for channel_id in channel_ids if self._directory.can_see(actor.id, channel_id)]
        limit = max(1, min(limit, PAGE))
        async with self._store.read() as unit:
            entries: list[Entry] = [*await unit.messages.history(visible, limit, after=after, newest=False)]
            if kinds:
                entries += await unit.events.of_channels(visible, kinds, limit, after=after, newest=False)
        return sorted(entries, key=_seq)[:limit]

    async def joined(self, actor: Principal) -> dict[str, int]:
        """Return where the actor is a member, by channel id, and since when."""
        async with self._store.read() as unit:
            return {one.channel_id: one.joined_at for one in await unit.channels.memberships_of(actor.id)}

    async def locate(self, actor: Principal, message_id: str) -> Place:
        """Return where a message stands, deleted or not.

        Raises:
            NotFound: there is none, or the actor may not see it.
        """
        place = None
        if is_id(message_id):
            async with self._store.read() as unit:
                place = await unit.messages.seq_of(message_id)
        channel = await self._directory.find_channel_by_id(place[0]) if place else None
        if place is None or channel is None or not self._directory.readable(actor, channel):
            raise NotFound("Message not found")
        return Place(channel, place[1], place[2])

    async def targets(self, actor: Principal, since: int, until: int, limit: int) -> list[tuple[Channel, int]]:
        """Return where the actor is a member and the newest message was created from `since` to before `until`.

        With the time of that message, and the first `limit` by this time.
        """
        limit = max(1, min(limit, PAGE))
        async with self._store.read() as unit:
            return await unit.channels.latest_between(actor.id, since, until, limit)


def _seq(entry: Entry) -> int:
    return entry.seq
