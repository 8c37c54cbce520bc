"""Queues over SQL."""

import json
from collections.abc import Sequence

from store.ports.queues import Backlog, Outgoing, OutgoingKind, OutgoingState, Posted, Received
from store.sql.session import Row, Session, json_text


class SqlQueues:
    """Implements `store.ports.queues.Queues`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def receive(self, event: Received) -> bool:
        """See the port."""
        return (
            await self._session.execute(
                "queues.receive", event.link_id, event.key, event.order_key, event.payload, event.received_at
            )
            > 0
        )

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """See the port."""
        return [_received_of(row) for row in await self._session.fetch("queues.waiting", link_id, limit)]

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """See the port."""
        await self._session.execute("queues.processed", received.link_id, received.key, at, error)
        await self._session.execute("queues.move_watermark", received.link_id, received.order_key)

    async def retry_later(self, received: Received) -> None:
        """See the port."""
        await self._session.execute("queues.retry_later", received.link_id, received.key)

    async def hold(self, received: Received, remote_id: str) -> None:
        """See the port."""
        await self._session.execute("queues.hold", received.link_id, received.key, remote_id)
        await self._session.execute("queues.move_watermark", received.link_id, received.order_key)

    async def release(self, link_id: str, remote_id: str) -> int:
        """See the port."""
        return await self._session.execute("queues.release", link_id, remote_id)

    async def held_since(self, link_id: str, before: int, limit: int) -> list[Received]:
        """See the port."""
        return [_received_of(row) for row in await self._session.fetch("queues.held_since", link_id, before, limit)]

    async def plan(self, outgoing: Sequence[Outgoing], cursor: int) -> None:
        """See the port."""
        for one in outgoing:
            await self._session.execute(
                "queues.plan",
                one.link_id,
                one.seq,
                one.kind.value,
                one.subject_id,
                one.planned_at,
                json_text(one.detail),
            )
        await self._session.execute("queues.move_cursor", cursor)

    async def cursor(self) -> int:
        """See the port."""
        row = await self._session.fetch_one("queues.cursor")
        return 0 if row is None else int(row["seq"])

    async def due(self, link_id: str, limit: int) -> list[Outgoing]:
        """See the port."""
        return [_outgoing_of(row) for row in await self._session.fetch("queues.due", link_id, limit)]

    async def sending(self, link_id: str) -> list[Outgoing]:
        """See the port."""
        return [_outgoing_of(row) for row in await self._session.fetch("queues.sending", link_id)]

    async def save_outgoing(self, outgoing: Outgoing) -> None:
        """See the port."""
        await self._session.execute(
            "queues.save_outgoing",
            outgoing.link_id,
            outgoing.seq,
            outgoing.state.value,
            outgoing.number,
            outgoing.content,
            outgoing.attempts,
            outgoing.attempted_at,
            outgoing.sent_after,
            outgoing.error,
            outgoing.changed_at,
        )

    async def posted(self, since: int) -> list[Posted]:
        """See the port."""
        rows = await self._session.fetch("queues.posted", since)
        return [Posted(row["link_id"], row["at"], row["posts"]) for row in rows]

    async def backlogs(self) -> list[Backlog]:
        """See the port."""
        incoming = {row["link_id"]: row for row in await self._session.fetch("queues.received_backlogs")}
        outgoing = {row["link_id"]: row for row in await self._session.fetch("queues.outgoing_backlogs")}
        return [_backlog(link, incoming.get(link), outgoing.get(link)) for link in sorted(incoming | outgoing)]

    async def dead_outgoing(self, limit: int) -> list[Outgoing]:
        """See the port."""
        return [_outgoing_of(row) for row in await self._session.fetch("queues.dead_outgoing", limit)]

    async def dead_received(self, limit: int) -> list[Received]:
        """See the port."""
        return [_received_of(row) for row in await self._session.fetch("queues.dead_received", limit)]

    async def revive_outgoing(self, link_id: str, seq: int, at: int) -> bool:
        """See the port."""
        return await self._session.execute("queues.revive_outgoing", link_id, seq, at) > 0

    async def revive_received(self, link_id: str, key: str) -> bool:
        """See the port."""
        return await self._session.execute("queues.revive_received", link_id, key) > 0

    async def prune(self, before: int, limit: int) -> int:
        """See the port."""
        pruned = ("queues.prune_inbox", "queues.prune_outgoing", "queues.prune_dead")
        return sum([await self._session.execute(name, before, limit) for name in pruned])


def _backlog(link_id: str, incoming: Row | None, outgoing: Row | None) -> Backlog:
    rows = [row for row in (incoming, outgoing) if row is not None]
    return Backlog(
        link_id=link_id,
        received=int(incoming["waiting"]) if incoming is not None else 0,
        outgoing=int(outgoing["waiting"]) if outgoing is not None else 0,
        oldest=min((int(row["oldest"]) for row in rows if row["oldest"] is not None), default=None),
        dead=sum(int(row["dead"]) for row in rows),
    )


def _received_of(row: Row) -> Received:
    return Received(
        link_id=row["link_id"],
        key=row["event_key"],
        order_key=row["order_key"],
        payload=row["payload"],
        attempts=row["attempts"],
        received_at=row["received_at"],
        waits_for=row["waits_for"],
        error=row["error"],
    )


def _outgoing_of(row: Row) -> Outgoing:
    return Outgoing(
        link_id=row["link_id"],
        seq=row["seq"],
        kind=OutgoingKind(row["kind"]),
        subject_id=row["subject_id"],
        planned_at=row["planned_at"],
        detail=json.loads(row["detail"]),
        state=OutgoingState(row["state"]),
        number=row["number"],
        content=row["content"],
        attempts=row["attempts"],
        attempted_at=row["attempted_at"],
        sent_after=row["sent_after"],
        error=row["error"],
        changed_at=row["changed_at"],
    )
