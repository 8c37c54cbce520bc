"""What the relay must not forget, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict
from store.memory.tables import Tables
from store.ports.relay import Identity, Link, Pair, Part, PartState, Received

_FINAL = (PartState.SENT, PartState.DEAD)


class MemoryRelay:
    """See `store.ports.relay.Relay`."""

    def __init__(self, tables: Tables) -> None:
        self._links = tables.links
        self._received = tables.received
        self._parts = tables.parts
        self._cursor = tables.relay_cursor
        self._pairs = tables.pairs
        self._identities = tables.identities

    async def save_link(self, link: Link) -> None:
        """Insert the link, or replace direction and pause."""
        known = self._links.get(link.id)
        if known is not None:
            self._links.put(link.id, replace(known, direction=link.direction, paused=link.paused))
            return
        if any(_remote(other) == _remote(link) for other in self._links.rows()):
            raise Conflict(f"{link.platform} channel {link.remote_channel} is linked already")
        self._links.put(link.id, link)

    async def delete_link(self, link_id: str) -> bool:
        """Remove the link with everything queued for it."""
        for part in self._parts.rows():
            if part.link_id == link_id:
                self._parts.remove((link_id, part.seq, part.number))
        for received, _ in self._received.rows():
            if received.link_id == link_id:
                self._received.remove((link_id, received.key))
        return self._links.remove(link_id)

    async def links(self) -> list[Link]:
        """Return all links, oldest first."""
        return sorted(self._links.rows(), key=lambda link: (link.created_at, link.id))

    async def receive(self, link_id: str, key: str, order_key: str, payload: str, at: int) -> bool:
        """Store an event; the table keeps with it when it was processed."""
        if (link_id, key) in self._received:
            return False
        self._received.put((link_id, key), (Received(link_id, key, order_key, payload), None))
        return True

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """Return the link's unprocessed events by order key."""
        mine = [it for it, processed_at in self._received.rows() if processed_at is None and it.link_id == link_id]
        return sorted(mine, key=lambda it: (it.order_key, it.key))[:limit]

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """Mark the event done and move the link's watermark forward."""
        if (received.link_id, received.key) in self._received:
            self._received.put((received.link_id, received.key), (replace(received, payload=""), at))
        link = self._links.get(received.link_id)
        if link is not None and (link.watermark is None or link.watermark < received.order_key):
            self._links.put(link.id, replace(link, watermark=received.order_key))

    async def retry_later(self, received: Received) -> None:
        """Count a failed attempt."""
        known = self._received.get((received.link_id, received.key))
        if known is not None:
            event, processed_at = known
            self._received.put((event.link_id, event.key), (replace(event, attempts=event.attempts + 1), processed_at))

    async def plan(self, parts: Sequence[Part], cursor: int) -> None:
        """Queue parts, each once, and move the cursor."""
        for part in parts:
            key = (part.link_id, part.seq, part.number)
            if key not in self._parts and part.link_id in self._links:
                self._parts.put(key, part)
        self._cursor.put(None, cursor)

    async def cursor(self) -> int:
        """Return up to where the log has been planned."""
        return self._cursor.get(None) or 0

    async def next_part(self, link_id: str) -> Part | None:
        """Return the first part of the lane that is neither sent nor dead."""
        lane = [part for part in self._parts.rows() if part.link_id == link_id and part.state not in _FINAL]
        return min(lane, key=lambda part: (part.seq, part.number), default=None)

    async def save_part(self, part: Part) -> None:
        """Replace the part."""
        if (part.link_id, part.seq, part.number) in self._parts:
            self._parts.put((part.link_id, part.seq, part.number), part)

    async def dead_parts(self, limit: int) -> list[Part]:
        """Return dead letters, newest first."""
        dead = [part for part in self._parts.rows() if part.state is PartState.DEAD]
        return sorted(dead, key=lambda part: (part.seq, part.number), reverse=True)[:limit]

    async def prune(self, before: int, limit: int) -> int:
        """Forget old events and parts that are done."""
        events = [
            it for it, processed_at in self._received.rows() if processed_at is not None and processed_at < before
        ]
        parts = [it for it in self._parts.rows() if it.state is PartState.SENT and it.changed_at < before]
        for event in events[:limit]:
            self._received.remove((event.link_id, event.key))
        for part in parts[:limit]:
            self._parts.remove((part.link_id, part.seq, part.number))
        return len(events[:limit]) + len(parts[:limit])

    async def add_pair(self, pair: Pair) -> None:
        """Keep a pair; one that is there already stays."""
        if (pair.link_id, pair.remote_id) not in self._pairs:
            self._pairs.put((pair.link_id, pair.remote_id), pair)

    async def pair_of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """Return the pair of a remote message."""
        return self._pairs.get((link_id, remote_id))

    async def pairs_of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """Return the counterparts of a hub message, by part number."""
        mine = [it for it in self._pairs.rows() if (it.link_id, it.message_id) == (link_id, message_id)]
        return sorted(mine, key=lambda it: it.number)

    async def newest_remote(self, link_id: str) -> str | None:
        """Return the greatest remote id among the link's pairs."""
        return max((it.remote_id for it in self._pairs.rows() if it.link_id == link_id), default=None)

    async def save_identity(self, identity: Identity) -> None:
        """Insert or replace the identity."""
        self._identities.put((identity.platform, identity.workspace, identity.remote_user), identity)

    async def identity(self, platform: str, workspace: str, remote_user: str) -> Identity | None:
        """Return who stands for a platform's user."""
        return self._identities.get((platform, workspace, remote_user))

    async def identities(self) -> list[Identity]:
        """Return all identities."""
        return self._identities.rows()


def _remote(link: Link) -> tuple[str, str, str]:
    return link.platform, link.workspace, link.remote_channel
