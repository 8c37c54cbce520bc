"""Queues in memory."""

from collections.abc import Sequence
from dataclasses import replace

from store.memory.tables import Tables
from store.ports.queues import Backlog, Outgoing, OutgoingState, Posted, Received

_FINAL = (OutgoingState.SENT, OutgoingState.DEAD)


class MemoryQueues:
    """See `store.ports.queues.Queues`. The table of events keeps with each when it was processed."""

    def __init__(self, tables: Tables) -> None:
        self._links = tables.links
        self._received = tables.received
        self._outgoing = tables.outgoing
        self._pairs = tables.pairs
        self._cursor = tables.relay_cursor

    async def receive(self, event: Received) -> bool:
        """Store an event, once."""
        if (event.link_id, event.key) in self._received:
            return False
        self._received.put((event.link_id, event.key), (event, None))
        return True

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """Return the link's unprocessed events by order key, without those that wait for a message."""
        mine = [it for it in self._unprocessed(link_id) if it.waits_for is None]
        return sorted(mine, key=lambda it: (it.order_key, it.key))[:limit]

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """Mark the event done and move the link's watermark forward."""
        known = self._received.get((received.link_id, received.key))
        if known is not None:
            payload = known[0].payload if error else ""
            done = replace(known[0], payload=payload, error=error, waits_for=None)
            self._received.put((received.link_id, received.key), (done, at))
        self._move_watermark(received)

    async def retry_later(self, received: Received) -> None:
        """Count a failed attempt."""
        known = self._received.get((received.link_id, received.key))
        if known is not None:
            event, processed_at = known
            self._received.put((event.link_id, event.key), (replace(event, attempts=event.attempts + 1), processed_at))

    async def hold(self, received: Received, remote_id: str) -> None:
        """Let an event wait until a message comes."""
        known = self._received.get((received.link_id, received.key))
        if known is not None:
            event, processed_at = known
            self._received.put((event.link_id, event.key), (replace(event, waits_for=remote_id), processed_at))
        self._move_watermark(received)

    async def release(self, link_id: str, remote_id: str) -> int:
        """Let what waited for a message wait no longer."""
        held = [it for it in self._unprocessed(link_id) if it.waits_for == remote_id]
        for event in held:
            self._received.put((link_id, event.key), (replace(event, waits_for=None), None))
        return len(held)

    async def held_since(self, link_id: str, before: int, limit: int) -> list[Received]:
        """Return what waits for a message still."""
        held = [it for it in self._unprocessed(link_id) if it.waits_for is not None and it.received_at < before]
        return sorted(held, key=lambda it: (it.received_at, it.key))[:limit]

    async def plan(self, outgoing: Sequence[Outgoing], cursor: int) -> None:
        """Queue what has to go out, each once, and move the cursor."""
        for one in outgoing:
            key = (one.link_id, one.seq)
            if key not in self._outgoing and one.link_id in self._links:
                self._outgoing.put(key, replace(one, changed_at=one.planned_at))
        self._cursor.put(None, cursor)

    async def cursor(self) -> int:
        """Return up to where the log has been planned."""
        return self._cursor.get(None) or 0

    async def due(self, link_id: str, limit: int) -> list[Outgoing]:
        """Return the first of the lane that are neither sent nor dead."""
        lane = [it for it in self._outgoing.rows() if it.link_id == link_id and it.state not in _FINAL]
        return sorted(lane, key=lambda it: it.seq)[:limit]

    async def sending(self, link_id: str) -> list[Outgoing]:
        """Return all of the lane whose outcome is open."""
        lane = [it for it in self._outgoing.rows() if it.link_id == link_id and it.state is OutgoingState.SENDING]
        return sorted(lane, key=lambda it: it.seq)

    async def save_outgoing(self, outgoing: Outgoing) -> None:
        """Replace what can change."""
        if (outgoing.link_id, outgoing.seq) in self._outgoing:
            self._outgoing.put((outgoing.link_id, outgoing.seq), outgoing)

    async def posted(self, since: int) -> list[Posted]:
        """Return what was posted lately."""
        pairs = [it for it in self._pairs.rows() if it.created_at >= since and not it.inbound]
        found = [Posted(it.link_id, it.created_at) for it in pairs if it.link_id in self._links]
        for one in self._outgoing.rows():
            if one.state is OutgoingState.SENDING:
                found.append(Posted(one.link_id, None, max(1, -one.number)))
            elif one.state is OutgoingState.SENT and one.number < 0 and one.changed_at >= since:
                found.append(Posted(one.link_id, one.changed_at, -one.number))
        return found

    async def backlogs(self) -> list[Backlog]:
        """Return what waits, of each link that has something waiting or dead."""
        links = {it.link_id for it, at in self._received.rows() if at is None or it.error}
        links |= {it.link_id for it in self._outgoing.rows() if it.state is not OutgoingState.SENT}
        return [self._backlog(link_id) for link_id in sorted(links)]

    async def dead_outgoing(self, limit: int) -> list[Outgoing]:
        """Return what could not be sent, newest first."""
        dead = [it for it in self._outgoing.rows() if it.state is OutgoingState.DEAD]
        return sorted(dead, key=lambda it: it.seq, reverse=True)[:limit]

    async def dead_received(self, limit: int) -> list[Received]:
        """Return what could not be used, newest first."""
        dead = [(at or 0, it.key, it) for it, at in self._received.rows() if it.error is not None]
        return [it for _, _, it in sorted(dead, key=lambda row: row[:2], reverse=True)][:limit]

    async def revive_outgoing(self, link_id: str, seq: int, at: int) -> bool:
        """Make a dead letter pending again."""
        known = self._outgoing.get((link_id, seq))
        if known is None or known.state is not OutgoingState.DEAD:
            return False
        state = OutgoingState.PENDING if known.attempted_at is None else OutgoingState.SENDING
        revived = replace(known, state=state, error=None, attempts=0, changed_at=at)
        self._outgoing.put((link_id, seq), revived)
        return True

    async def revive_received(self, link_id: str, key: str) -> bool:
        """Make an event that could not be used unprocessed again."""
        known = self._received.get((link_id, key))
        if known is None or known[0].error is None:
            return False
        self._received.put((link_id, key), (replace(known[0], error=None, attempts=0), None))
        return True

    async def prune(self, before: int, limit: int) -> int:
        """Forget old events, what was sent, and dead letters."""
        events = [it for it, at in self._received.rows() if at is not None and at < before][:limit]
        old = [it for it in self._outgoing.rows() if it.changed_at < before]
        sent, dead = ([it for it in old if it.state is state][:limit] for state in _FINAL)
        for event in events:
            self._received.remove((event.link_id, event.key))
        for one in (*sent, *dead):
            self._outgoing.remove((one.link_id, one.seq))
        return len(events) + len(sent) + len(dead)

    def _unprocessed(self, link_id: str) -> list[Received]:
        return [it for it, processed_at in self._received.rows() if processed_at is None and it.link_id == link_id]

    def _move_watermark(self, received: Received) -> None:
        link = self._links.get(received.link_id)
        if link is not None and (link.watermark is None or link.watermark < received.order_key):
            self._links.put(link.id, replace(link, watermark=received.order_key))

    def _backlog(self, link_id: str) -> Backlog:
        unprocessed = self._unprocessed(link_id)
        lane = [it for it in self._outgoing.rows() if it.link_id == link_id]
        waiting = [it for it in lane if it.state not in _FINAL]
        moments = [it.received_at for it in unprocessed] + [it.planned_at for it in waiting]
        dead = sum(it.state is OutgoingState.DEAD for it in lane)
        dead += sum(it.error is not None and it.link_id == link_id for it, _ in self._received.rows())
        return Backlog(link_id, len(unprocessed), len(waiting), min(moments, default=None), dead)
