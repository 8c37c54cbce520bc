"""Channels and members in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.messages import Message
from store.memory.tables import Tables
from store.ports.channels import BoardEntry

_UNREAD_AT_MOST = 1_000


class MemoryChannels:
    """See `store.ports.channels.Channels`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._channels = tables.channels
        self._memberships = tables.memberships

    async def insert(self, channel: Channel) -> bool:
        """Insert the channel unless its name is taken."""
        if channel.name in self._tables.channel_ids:
            return False
        self._channels.put(channel.id, channel)
        self._tables.channel_ids.put(channel.name, channel.id)
        return True

    async def save(self, channel: Channel) -> None:
        """Replace what can change of a channel."""
        if (known := self._channels.get(channel.id)) is not None:
            changed = replace(
                known,
                description=channel.description,
                topic=channel.topic,
                metadata=channel.metadata,
                archived=channel.archived,
                modes=channel.modes,
                topic_by=channel.topic_by,
                topic_at=channel.topic_at,
            )
            self._channels.put(channel.id, changed)

    async def rename(self, channel_id: str, name: str) -> bool:
        """Give the channel another name unless it is taken."""
        known = self._channels.get(channel_id)
        if known is None or name in self._tables.channel_ids:
            return False
        self._tables.channel_ids.remove(known.name)
        self._tables.channel_ids.put(name, channel_id)
        self._channels.put(channel_id, replace(known, name=name))
        return True

    async def get(self, channel_id: str) -> Channel | None:
        """Return the channel with that id."""
        return self._channels.get(channel_id)

    async def by_name(self, name: str) -> Channel | None:
        """Return the channel with that name."""
        channel_id = self._tables.channel_ids.get(name)
        return self._channels[channel_id] if channel_id else None

    async def all(self) -> list[Channel]:
        """Return every channel, by name."""
        return sorted(self._channels.rows(), key=lambda row: row.name)

    async def count_created_by(self, principal_id: str) -> int:
        """Return how many channels the principal created, direct ones excepted."""
        return sum(row.created_by == principal_id and not row.direct for row in self._channels.rows())

    async def join(self, membership: Membership) -> bool:
        """Add the member."""
        key = (membership.channel_id, membership.principal_id)
        if key in self._memberships:
            return False
        self._memberships.put(key, membership)
        return True

    async def leave(self, channel_id: str, principal_id: str) -> bool:
        """Remove the member."""
        return self._memberships.remove((channel_id, principal_id))

    async def set_role(self, channel_id: str, principal_id: str, role: str) -> bool:
        """Replace the member's role."""
        row = self._memberships.get((channel_id, principal_id))
        if row is None:
            return False
        self._memberships.put((channel_id, principal_id), replace(row, role=role))
        return True

    async def membership(self, channel_id: str, principal_id: str) -> Membership | None:
        """Return the membership."""
        return self._memberships.get((channel_id, principal_id))

    async def members(self, channel_id: str) -> list[Membership]:
        """Return the channel's members in join order."""
        return self._in_join_order(row for row in self._memberships.rows() if row.channel_id == channel_id)

    async def all_members(self) -> list[Membership]:
        """Return every membership."""
        return self._memberships.rows()

    async def memberships_of(self, principal_id: str) -> list[Membership]:
        """Return where the principal is a member, in join order."""
        return self._in_join_order(row for row in self._memberships.rows() if row.principal_id == principal_id)

    async def mark_read(self, channel_id: str, principal_id: str, number: int, at: int) -> bool:
        """Move the member's read number forward."""
        row = self._memberships.get((channel_id, principal_id))
        if row is None or row.read_number >= number:
            return False
        self._memberships.put((channel_id, principal_id), replace(row, read_number=number, read_at=at))
        return True

    async def latest_between(self, principal_id: str, since: int, until: int, limit: int) -> list[tuple[Channel, int]]:
        """Return the principal's channels by the time of their newest message."""
        found = []
        for row in await self.memberships_of(principal_id):
            channel = self._channels[row.channel_id]
            at = max((message.created_at for message in self._live(channel)), default=None)
            if at is not None and since <= at < until:
                found.append((channel, at))
        return sorted(found, key=lambda pair: (pair[1], pair[0].id))[:limit]

    async def board(self, principal_id: str, others: int) -> list[BoardEntry]:
        """Return the principal's channels, then further public ones by newest message."""
        joined = await self.memberships_of(principal_id)
        entries = [self._joined_entry(row) for row in joined]
        known = {row.channel_id for row in joined}
        further = [
            BoardEntry(channel, None, joined=False, unread=0, latest=latest)
            for channel in self._channels.rows()
            if channel.id not in known and not channel.private and (latest := self._latest(channel)) is not None
        ]
        further.sort(key=lambda entry: entry.latest.created_at if entry.latest else 0, reverse=True)
        return entries + further[:others]

    def _joined_entry(self, row: Membership) -> BoardEntry:
        channel = self._channels[row.channel_id]
        newer = [self._message(channel, number) for number in range(row.read_number + 1, channel.last_number + 1)]
        unread = sum(message.deleted_at is None for message in newer)
        return BoardEntry(
            channel=channel,
            role=row.role,
            joined=True,
            unread=min(unread, _UNREAD_AT_MOST),
            latest=self._latest(channel),
        )

    def _latest(self, channel: Channel) -> Message | None:
        return next(self._live(channel), None)

    def _live(self, channel: Channel) -> Iterator[Message]:
        """Yield the channel's messages that are not deleted, newest first."""
        for number in range(channel.last_number, 0, -1):
            message = self._message(channel, number)
            if message.deleted_at is None:
                yield message

    def _message(self, channel: Channel, number: int) -> Message:
        return self._tables.messages[self._tables.numbers[channel.id, number]]

    @staticmethod
    def _in_join_order(rows: Iterable[Membership]) -> list[Membership]:
        return sorted(rows, key=lambda row: row.joined_at)
