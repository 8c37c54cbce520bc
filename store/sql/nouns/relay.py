"""The relay's memory over SQL."""

from collections.abc import Sequence

from store.ports.relay import Identity, Link, Pair, Part, PartState, Received
from store.sql.session import Row, Session


class SqlRelay:
    """Implements `store.ports.relay.Relay`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save_link(self, link: Link) -> None:
        """See the port."""
        await self._session.execute(
            "relay.save_link",
            link.id,
            link.channel_id,
            link.platform,
            link.workspace,
            link.remote_channel,
            link.created_at,
            link.direction,
            link.paused,
            link.watermark,
        )

    async def delete_link(self, link_id: str) -> bool:
        """See the port."""
        await self._session.execute("relay.delete_received", link_id)
        return await self._session.execute("relay.delete_link", link_id) > 0

    async def links(self) -> list[Link]:
        """See the port."""
        return [_link_of(row) for row in await self._session.fetch("relay.links")]

    async def receive(self, link_id: str, key: str, order_key: str, payload: str, at: int) -> bool:
        """See the port."""
        return await self._session.execute("relay.receive", link_id, key, order_key, payload, at) > 0

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """See the port."""
        return [_received_of(row) for row in await self._session.fetch("relay.waiting", link_id, limit)]

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """See the port."""
        await self._session.execute("relay.processed", received.link_id, received.key, at, error)
        await self._session.execute("relay.move_watermark", received.link_id, received.order_key)

    async def retry_later(self, received: Received) -> None:
        """See the port."""
        await self._session.execute("relay.retry_later", received.link_id, received.key)

    async def plan(self, parts: Sequence[Part], cursor: int) -> None:
        """See the port."""
        for part in parts:
            await self._session.execute(
                "relay.queue", part.link_id, part.seq, part.number, part.message_id, part.text, part.changed_at
            )
        await self._session.execute("relay.move_cursor", cursor)

    async def cursor(self) -> int:
        """See the port."""
        row = await self._session.fetch_one("relay.cursor")
        return 0 if row is None else int(row["seq"])

    async def next_part(self, link_id: str) -> Part | None:
        """See the port."""
        row = await self._session.fetch_one("relay.next_part", link_id)
        return None if row is None else _part_of(row)

    async def save_part(self, part: Part) -> None:
        """See the port."""
        await self._session.execute(
            "relay.save_part",
            part.link_id,
            part.seq,
            part.number,
            part.state.value,
            part.attempts,
            part.sent_after,
            part.remote_id,
            part.error,
            part.changed_at,
        )

    async def dead_parts(self, limit: int) -> list[Part]:
        """See the port."""
        return [_part_of(row) for row in await self._session.fetch("relay.dead_parts", limit)]

    async def prune(self, before: int, limit: int) -> int:
        """See the port."""
        events = await self._session.execute("relay.prune_inbox", before, limit)
        return events + await self._session.execute("relay.prune_outbox", before, limit)

    async def add_pair(self, pair: Pair) -> None:
        """See the port."""
        await self._session.execute(
            "relay.add_pair", pair.link_id, pair.remote_id, pair.message_id, pair.number, pair.inbound, pair.created_at
        )

    async def pair_of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """See the port."""
        row = await self._session.fetch_one("relay.pair_of_remote", link_id, remote_id)
        return None if row is None else _pair_of(row)

    async def pairs_of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """See the port."""
        return [_pair_of(row) for row in await self._session.fetch("relay.pairs_of_message", link_id, message_id)]

    async def newest_remote(self, link_id: str) -> str | None:
        """See the port."""
        row = await self._session.fetch_one("relay.newest_remote", link_id)
        return None if row is None else str(row["remote_id"])

    async def save_identity(self, identity: Identity) -> None:
        """See the port."""
        await self._session.execute(
            "relay.save_identity",
            identity.platform,
            identity.workspace,
            identity.remote_user,
            identity.principal_id,
            identity.display_name,
            identity.avatar_url,
        )

    async def identity(self, platform: str, workspace: str, remote_user: str) -> Identity | None:
        """See the port."""
        row = await self._session.fetch_one("relay.identity", platform, workspace, remote_user)
        return None if row is None else _identity_of(row)

    async def identities(self) -> list[Identity]:
        """See the port."""
        return [_identity_of(row) for row in await self._session.fetch("relay.identities")]


def _link_of(row: Row) -> Link:
    return Link(
        id=row["id"],
        channel_id=row["channel_id"],
        platform=row["platform"],
        workspace=row["workspace"],
        remote_channel=row["remote_channel"],
        created_at=row["created_at"],
        direction=row["direction"],
        paused=bool(row["paused"]),
        watermark=row["watermark"],
    )


def _received_of(row: Row) -> Received:
    return Received(row["link_id"], row["event_key"], row["order_key"], row["payload"], row["attempts"])


def _part_of(row: Row) -> Part:
    return Part(
        link_id=row["link_id"],
        seq=row["seq"],
        number=row["number"],
        message_id=row["message_id"],
        text=row["content"],
        state=PartState(row["state"]),
        attempts=row["attempts"],
        sent_after=row["sent_after"],
        remote_id=row["remote_id"],
        error=row["error"],
        changed_at=row["changed_at"],
    )


def _pair_of(row: Row) -> Pair:
    return Pair(
        link_id=row["link_id"],
        message_id=row["message_id"],
        number=row["number"],
        remote_id=row["remote_id"],
        inbound=bool(row["inbound"]),
        created_at=row["created_at"],
    )


def _identity_of(row: Row) -> Identity:
    return Identity(
        platform=row["platform"],
        workspace=row["workspace"],
        remote_user=row["remote_user"],
        principal_id=row["principal_id"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
    )
