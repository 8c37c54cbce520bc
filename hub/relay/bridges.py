"""Bridges as they are administered: links asked for, taken back and paused, dead letters, and how everything is.

All of it is in the store, so that a command can do it beside a running hub, which follows within seconds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from airchat.protocol.errors import Conflict, InvalidInput, NotFound
from airchat.protocol.ids import new_id
from airchat.protocol.names import NAME_RULE, is_name
from airchat.protocol.principals import Principal
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.permissions import Action, require
from hub.relay.linking import SETTINGS
from hub.relay.links import check_direction
from hub.relay.rules import Rules
from store.ports.queues import Backlog, Outgoing, Received
from store.ports.relay import BridgeState, Link, Wanted
from store.ports.store import Store
from store.ports.unit import Unit

_PLATFORM = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_REMOTE_LENGTH = 200
_IN, _OUT = ":in:", ":out:"


@dataclass(frozen=True, slots=True)
class Linked:
    """A link with the name of its channel, and what waits there."""

    link: Link
    channel: str
    backlog: Backlog


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that could not be sent, or an event that could not be used; `id` names it for `replay`."""

    id: str
    link_id: str
    direction: str
    what: str
    error: str
    since: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything is."""

    states: list[BridgeState]
    links: list[Linked]
    wanted: list[Wanted]


class Bridges:
    """What admins do with bridges."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def overview(self, actor: Principal) -> Overview:
        """Return how bridges and links are, and what is asked for.

        Raises:
            Forbidden: the actor may not.
        """
        require(actor, Action.MANAGE_BRIDGES)
        async with self._store.read() as unit:
            states, links = await unit.relay.states(), await unit.relay.links()
            backlogs = {it.link_id: it for it in await unit.queues.backlogs()}
            wanted = await unit.relay.wanted()
        linked = [Linked(it, self._name(it.channel_id), backlogs.get(it.id, Backlog(it.id))) for it in links]
        return Overview(states, linked, wanted)

    async def link(
        self,
        actor: Principal,
        channel: str,
        platform: str,
        remote: str,
        *,
        direction: str = "both",
        rules: Rules | None = None,
    ) -> Wanted:
        """Ask for a link, or for those of a pattern; the platform's bridge makes it as soon as it runs.

        Raises:
            Forbidden: the actor may not.
            InvalidInput: a field breaks its rule.
            Conflict: just this is asked for already.
        """
        require(actor, Action.MANAGE_BRIDGES)
        _check_names(channel, platform, remote)
        check_direction(direction)
        known = self._directory.channel_by_name(channel)
        if known is not None and known.private:
            raise InvalidInput("private conversations are never linked", "channel")
        now = self._clock()
        wanted = Wanted(new_id(now), channel, platform, remote, now, direction, (rules or Rules()).row())

        async def work(unit: Unit) -> None:
            same = (channel, platform, remote)
            if any((it.channel, it.platform, it.remote) == same for it in await unit.relay.wanted()):
                raise Conflict(f"{channel} is to be linked to {remote} on {platform} already; unlink it first")
            await unit.relay.want(wanted)
            detail = {"channel": channel, "platform": platform, "remote": remote}
            await Audit.record(unit, now, actor.id, "bridge.linked", wanted.id, detail)

        await self._store.write(work)
        return wanted

    async def unlink(self, actor: Principal, id: str) -> None:
        """Take back what was asked for, by its id or that of the link it made; its links go with it.

        Raises:
            Forbidden: the actor may not.
            NotFound: there is no such link.
            Conflict: the settings ask for it.
        """
        require(actor, Action.MANAGE_BRIDGES)
        now = self._clock()

        async def work(unit: Unit) -> None:
            links = await unit.relay.links()
            link = next((it for it in links if it.id == id), None)
            if link is not None and link.source == SETTINGS:
                raise Conflict("This link is in hub.toml; take it out there")
            wanted_id = id if link is None else link.source
            if not await unit.relay.unwant(wanted_id):
                raise NotFound("There is no such link")
            for made in links:
                if made.source == wanted_id:
                    await unit.relay.delete_link(made.id)
            await Audit.record(unit, now, actor.id, "bridge.unlinked", wanted_id, {})

        await self._store.write(work)

    async def pause(self, actor: Principal, link_id: str, *, paused: bool) -> Linked:
        """Stop or resume everything over a link; what happens meanwhile waits.

        Raises:
            Forbidden: the actor may not.
            NotFound: there is no such link.
        """
        require(actor, Action.MANAGE_BRIDGES)
        now = self._clock()

        async def work(unit: Unit) -> Link:
            link = next((it for it in await unit.relay.links() if it.id == link_id), None)
            if link is None:
                raise NotFound("There is no such link")
            after = replace(link, paused=paused)
            await unit.relay.save_link(after)
            await Audit.record(unit, now, actor.id, "bridge.paused" if paused else "bridge.resumed", link_id, {})
            return after

        link = await self._store.write(work)
        async with self._store.read() as unit:
            backlog = next((it for it in await unit.queues.backlogs() if it.link_id == link_id), Backlog(link_id))
        return Linked(link, self._name(link.channel_id), backlog)

    async def dead(self, actor: Principal, limit: int = 100) -> list[DeadLetter]:
        """Return what was put aside, the newest of each direction first.

        Raises:
            Forbidden: the actor may not.
        """
        require(actor, Action.MANAGE_BRIDGES)
        async with self._store.read() as unit:
            outgoing, received = await unit.queues.dead_outgoing(limit), await unit.queues.dead_received(limit)
        return [_of_outgoing(one) for one in outgoing] + [_of_received(one) for one in received]

    async def replay(self, actor: Principal, ids: Sequence[str] | None = None) -> int:
        """Try dead letters again: these, or all; return how many.

        Raises:
            Forbidden: the actor may not.
            NotFound: one of them is none, and none is tried.
        """
        wanted = [one.id for one in await self.dead(actor, 1_000)] if ids is None else list(ids)
        now = self._clock()

        async def work(unit: Unit) -> None:
            for one in wanted:
                if not await _revive(unit, one, now):
                    raise NotFound(f"There is no dead letter {one}")
            await Audit.record(unit, now, actor.id, "bridge.replayed", None, {"count": len(wanted)})

        if wanted:
            await self._store.write(work)
        return len(wanted)

    def _name(self, channel_id: str) -> str:
        channel = self._directory.channel(channel_id)
        return channel.name if channel is not None else channel_id


def _check_names(channel: str, platform: str, remote: str) -> None:
    if not is_name(channel.replace("*", "x", 1)):
        raise InvalidInput(f"channel must be a channel's name, or a pattern with one *: {NAME_RULE}", "channel")
    if not _PLATFORM.fullmatch(platform):
        raise InvalidInput("platform must be the name of a bridge, such as slack", "platform")
    if not 0 < len(remote) <= _REMOTE_LENGTH or not remote.isprintable():
        raise InvalidInput(f"remote must have 1-{_REMOTE_LENGTH} printable characters", "remote")
    if channel.count("*") != remote.count("*") or remote.count("*") > 1:
        raise InvalidInput("remote must have a * just where channel is a pattern, and one at most", "remote")


async def _revive(unit: Unit, id: str, now: int) -> bool:
    link_id, out, seq = id.partition(_OUT)
    if out:
        return seq.isdecimal() and await unit.queues.revive_outgoing(link_id, int(seq), now)
    link_id, _, key = id.partition(_IN)
    return await unit.queues.revive_received(link_id, key)


def _of_outgoing(one: Outgoing) -> DeadLetter:
    id = f"{one.link_id}{_OUT}{one.seq}"
    return DeadLetter(id, one.link_id, "out", f"{one.kind} {one.subject_id}", one.error or "", one.planned_at)


def _of_received(one: Received) -> DeadLetter:
    id = f"{one.link_id}{_IN}{one.key}"
    return DeadLetter(id, one.link_id, "in", one.key, one.error or "", one.received_at)
