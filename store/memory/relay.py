"""What the relay must not forget, in memory."""

from dataclasses import replace

from airchat.protocol.errors import Conflict
from store.memory.tables import Tables
from store.ports.relay import BridgeState, Closed, Identity, Link, Wanted


class MemoryRelay:
    """See `store.ports.relay.Relay`."""

    def __init__(self, tables: Tables) -> None:
        self._links = tables.links
        self._received = tables.received
        self._outgoing = tables.outgoing
        self._wanted = tables.wanted
        self._states = tables.bridge_states
        self._closed = tables.closed
        self._identities = tables.identities

    async def save_link(self, link: Link) -> None:
        """Insert the link, or replace what can change."""
        known = self._links.get(link.id)
        if known is not None:
            changed = replace(
                known,
                direction=link.direction,
                paused=link.paused,
                remote_name=link.remote_name,
                source=link.source,
                rules=link.rules,
            )
            self._links.put(link.id, changed)
            return
        if any(_remote(other) == _remote(link) for other in self._links.rows()):
            raise Conflict(f"{link.platform} channel {link.remote_channel} is linked already")
        self._links.put(link.id, link)

    async def delete_link(self, link_id: str) -> bool:
        """Remove the link with everything queued for it."""
        for outgoing in self._outgoing.rows():
            if outgoing.link_id == link_id:
                self._outgoing.remove((link_id, outgoing.seq))
        for received, _ in self._received.rows():
            if received.link_id == link_id:
                self._received.remove((link_id, received.key))
        return self._links.remove(link_id)

    async def links(self) -> list[Link]:
        """Return all links, oldest first."""
        return sorted(self._links.rows(), key=lambda link: (link.created_at, link.id))

    async def save_reading(self, link_id: str, reading: str | None) -> None:
        """Keep how far a reading came."""
        link = self._links.get(link_id)
        if link is not None:
            self._links.put(link_id, replace(link, reading=reading))

    async def save_topic(self, link_id: str, topic: str) -> None:
        """Keep the remote topic."""
        link = self._links.get(link_id)
        if link is not None:
            self._links.put(link_id, replace(link, topic=topic))

    async def want(self, wanted: Wanted) -> None:
        """Keep what is asked for."""
        self._wanted.put(wanted.id, wanted)

    async def unwant(self, wanted_id: str) -> bool:
        """Forget it."""
        return self._wanted.remove(wanted_id)

    async def wanted(self) -> list[Wanted]:
        """Return what is asked for, oldest first."""
        return sorted(self._wanted.rows(), key=lambda one: (one.created_at, one.id))

    async def save_state(self, state: BridgeState) -> None:
        """Keep how a bridge is."""
        self._states.put(state.platform, state)

    async def states(self) -> list[BridgeState]:
        """Return how every bridge is, by platform."""
        return sorted(self._states.rows(), key=lambda state: state.platform)

    async def close(self, closed: Closed) -> None:
        """Keep that something is closed."""
        self._closed.put((closed.platform, closed.scope), closed)

    async def closed(self, platform: str) -> list[Closed]:
        """Return what was closed, by scope."""
        return sorted((it for it in self._closed.rows() if it.platform == platform), key=lambda it: it.scope)

    async def forget_closed(self, before: int) -> int:
        """Forget what is open again."""
        return sum(self._closed.remove((it.platform, it.scope)) for it in self._closed.rows() if it.until < before)

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
