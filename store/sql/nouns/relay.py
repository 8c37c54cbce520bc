"""The relay's memory over SQL."""

import json

from store.ports.relay import BridgeState, Closed, Identity, Link, Wanted
from store.sql.session import Row, Session, json_text


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
            link.remote_name,
            link.source,
            json_text(link.rules),
            link.reading,
            link.topic,
        )

    async def delete_link(self, link_id: str) -> bool:
        """See the port."""
        await self._session.execute("relay.delete_received", link_id)
        return await self._session.execute("relay.delete_link", link_id) > 0

    async def links(self) -> list[Link]:
        """See the port."""
        return [_link_of(row) for row in await self._session.fetch("relay.links")]

    async def save_reading(self, link_id: str, reading: str | None) -> None:
        """See the port."""
        await self._session.execute("relay.save_reading", link_id, reading)

    async def save_topic(self, link_id: str, topic: str) -> None:
        """See the port."""
        await self._session.execute("relay.save_topic", link_id, topic)

    async def want(self, wanted: Wanted) -> None:
        """See the port."""
        await self._session.execute(
            "relay.want",
            wanted.id,
            wanted.channel,
            wanted.platform,
            wanted.remote,
            wanted.created_at,
            wanted.direction,
            json_text(wanted.rules),
        )

    async def unwant(self, wanted_id: str) -> bool:
        """See the port."""
        return await self._session.execute("relay.unwant", wanted_id) > 0

    async def wanted(self) -> list[Wanted]:
        """See the port."""
        return [_wanted_of(row) for row in await self._session.fetch("relay.wanted")]

    async def save_state(self, state: BridgeState) -> None:
        """See the port."""
        await self._session.execute(
            "relay.save_state", state.platform, state.state, state.since, state.workspace, state.detail
        )

    async def states(self) -> list[BridgeState]:
        """See the port."""
        rows = await self._session.fetch("relay.states")
        return [
            BridgeState(row["platform"], row["state"], row["since"], row["workspace"], row["detail"]) for row in rows
        ]

    async def close(self, closed: Closed) -> None:
        """See the port."""
        await self._session.execute("relay.close", closed.platform, closed.scope, closed.since, closed.until)

    async def closed(self, platform: str) -> list[Closed]:
        """See the port."""
        rows = await self._session.fetch("relay.closed", platform)
        return [Closed(row["platform"], row["scope"], row["since"], row["until"]) for row in rows]

    async def forget_closed(self, before: int) -> int:
        """See the port."""
        return await self._session.execute("relay.forget_closed", before)

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
        remote_name=row["remote_name"],
        source=row["source"],
        rules=json.loads(row["rules"]),
        reading=row["reading"],
        topic=row["topic"],
    )


def _wanted_of(row: Row) -> Wanted:
    return Wanted(
        id=row["id"],
        channel=row["channel"],
        platform=row["platform"],
        remote=row["remote"],
        created_at=row["created_at"],
        direction=row["direction"],
        rules=json.loads(row["rules"]),
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
