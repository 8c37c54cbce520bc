"""Channels and memberships over SQL."""

import orjson

from airchat.protocol.channels import Channel, ChannelType, Membership
from airchat.protocol.messages import Message
from store.ports.channels import BoardEntry
from store.sql.nouns.rows import messages_of
from store.sql.session import Row, Session, json_text

_UNREAD_AT_MOST = 1_000


def channel_of(row: Row, prefix: str = "") -> Channel:
    """Map a row whose channel columns start with `prefix`."""
    return Channel(
        id=row[prefix + "id"],
        name=row[prefix + "name"],
        type=ChannelType(row[prefix + "type"]),
        created_at=row[prefix + "created_at"],
        created_by=row[prefix + "created_by"],
        description=row[prefix + "description"],
        topic=row[prefix + "topic"],
        metadata=orjson.loads(row[prefix + "metadata"]),
        archived=bool(row[prefix + "archived"]),
        last_number=row[prefix + "last_number"],
        modes=orjson.loads(row[prefix + "modes"]),
        topic_by=row[prefix + "topic_by"],
        topic_at=row[prefix + "topic_at"],
    )


def _membership_of(row: Row) -> Membership:
    return Membership(
        channel_id=row["channel_id"],
        principal_id=row["principal_id"],
        joined_at=row["joined_at"],
        role=row["role"],
        read_number=row["read_number"],
        read_at=row["read_at"],
    )


def _board_entry_of(row: Row, latest: Message | None) -> BoardEntry:
    return BoardEntry(
        channel=channel_of(row),
        role=row["role"],
        joined=row["role"] is not None,
        unread=min(row["unread"], _UNREAD_AT_MOST),
        latest=latest,
    )


class SqlChannels:
    """Implements `store.ports.channels.Channels`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def insert(self, channel: Channel) -> bool:
        """See the port."""
        inserted = await self._session.execute(
            "channels.insert",
            channel.id,
            channel.name,
            channel.type.value,
            channel.created_at,
            channel.created_by,
            channel.description,
            channel.topic,
            json_text(channel.metadata),
            channel.archived,
            channel.last_number,
            json_text(channel.modes),
            channel.topic_by,
            channel.topic_at,
            channel.private,
        )
        return inserted > 0

    async def save(self, channel: Channel) -> None:
        """See the port."""
        await self._session.execute(
            "channels.save",
            channel.id,
            channel.description,
            channel.topic,
            json_text(channel.metadata),
            channel.archived,
            json_text(channel.modes),
            channel.topic_by,
            channel.topic_at,
            channel.private,
        )

    async def rename(self, channel_id: str, name: str) -> bool:
        """See the port."""
        return await self._session.execute("channels.rename", channel_id, name) > 0

    async def get(self, channel_id: str) -> Channel | None:
        """See the port."""
        row = await self._session.fetch_one("channels.get", channel_id)
        return None if row is None else channel_of(row)

    async def by_name(self, name: str) -> Channel | None:
        """See the port."""
        row = await self._session.fetch_one("channels.by_name", name)
        return None if row is None else channel_of(row)

    async def all(self) -> list[Channel]:
        """See the port."""
        return [channel_of(row) for row in await self._session.fetch("channels.all")]

    async def count_created_by(self, principal_id: str) -> int:
        """See the port."""
        row = await self._session.fetch_one("channels.count_created_by", principal_id)
        return 0 if row is None else int(row["count"])

    async def join(self, membership: Membership) -> bool:
        """See the port."""
        joined = await self._session.execute(
            "channels.join",
            membership.channel_id,
            membership.principal_id,
            membership.joined_at,
            membership.role,
            membership.read_number,
            membership.read_at,
        )
        return joined > 0

    async def leave(self, channel_id: str, principal_id: str) -> bool:
        """See the port."""
        return await self._session.execute("channels.leave", channel_id, principal_id) > 0

    async def set_role(self, channel_id: str, principal_id: str, role: str) -> bool:
        """See the port."""
        return await self._session.execute("channels.set_role", channel_id, principal_id, role) > 0

    async def membership(self, channel_id: str, principal_id: str) -> Membership | None:
        """See the port."""
        row = await self._session.fetch_one("channels.membership", channel_id, principal_id)
        return None if row is None else _membership_of(row)

    async def members(self, channel_id: str) -> list[Membership]:
        """See the port."""
        return [_membership_of(row) for row in await self._session.fetch("channels.members", channel_id)]

    async def all_members(self) -> list[Membership]:
        """See the port."""
        return [_membership_of(row) for row in await self._session.fetch("channels.all_members")]

    async def memberships_of(self, principal_id: str) -> list[Membership]:
        """See the port."""
        return [_membership_of(row) for row in await self._session.fetch("channels.memberships_of", principal_id)]

    async def mark_read(self, channel_id: str, principal_id: str, number: int, at: int) -> bool:
        """See the port."""
        return await self._session.execute("channels.mark_read", channel_id, principal_id, number, at) > 0

    async def latest_between(self, principal_id: str, since: int, until: int, limit: int) -> list[tuple[Channel, int]]:
        """See the port."""
        rows = await self._session.fetch("history.latest_between", principal_id, since, until, limit)
        return [(channel_of(row), row["latest_at"]) for row in rows]

    async def board(self, principal_id: str, others: int) -> list[BoardEntry]:
        """See the port."""
        rows = list(await self._session.fetch("channels.joined", principal_id))
        if others:
            rows += await self._session.fetch("channels.further", principal_id, others)
        latest = {message.channel_id: message for message in messages_of([row for row in rows if row["t_id"]], "t_")}
        return [_board_entry_of(row, latest.get(row["id"])) for row in rows]
