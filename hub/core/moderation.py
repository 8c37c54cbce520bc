"""Moderation of channels: their modes and their members' roles, kicking, renaming."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from airchat.protocol.channels import Channel, ModeChange, roles_of
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Principal
from airchat.protocol.rows import channel_row
from hub.core.admission import has_authority, known_as
from hub.core.audit import Audit
from hub.core.channels import check_name
from hub.core.clock import Clock
from hub.core.direct import PREFIX
from hub.core.directory import Directory
from hub.core.memberships import member_event
from hub.core.modes import Desk
from hub.core.ranks import TOP, rank, require_operator, require_over
from hub.core.secrets import Secrets
from store.ports.store import Store
from store.ports.unit import Unit


class Moderation:
    """What can be done to a channel by those who moderate it."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._secrets = secrets or Secrets(store, clock)

    async def change(self, actor: Principal, channel: Channel, changes: Sequence[ModeChange]) -> list[ModeChange]:
        """Change modes and roles, in order, all or none, and return the changes that made a difference.

        Raises:
            InvalidInput: there is no such mode, or it cannot have the value.
            Forbidden: the actor's roles in the channel do not go so far.
            NotFound: the channel is gone, or somebody is no member of it.
            Conflict: it is a direct channel, or a list is full.
        """
        _check_public(channel)
        now = self._clock()

        async def change(unit: Unit) -> list[ModeChange]:
            current = await _current(unit, channel)
            desk = Desk(unit, self._directory, actor, await _rank(unit, actor, current), current, now)
            for one in changes:
                await desk.apply(one)
            if not desk.made:
                return []
            after = replace(current, modes=desk.modes)
            if after != current:
                await unit.channels.save(after)
            data = channel_row(after) | {"changes": desk.shown}
            await unit.events.append([_event(EventKind.CHANNEL_MODES_CHANGED, now, actor, after, data)])
            return desk.made

        return await self._store.write(change)

    async def key(self, actor: Principal, channel: Channel) -> str | None:
        """Return the channel's key, None without one.

        Raises:
            Forbidden: the actor is neither a member nor one who may moderate the channel.
        """
        if not self._directory.is_member(actor.id, channel.id) and not has_authority(actor, channel):
            raise Forbidden("Only members may know a channel's key")
        async with self._store.read() as unit:
            key: str | None = (await _current(unit, channel)).modes.get("key")
        return key

    async def kick(self, actor: Principal, channel: Channel, target: Principal, reason: str | None = None) -> None:
        """End somebody's membership.

        Raises:
            Forbidden: the actor does not stand above the target.
            NotFound: the target is no member.
            Conflict: it is a direct channel.
        """
        _check_public(channel)
        reason = await self._secrets.clean(reason, channel=channel)
        now = self._clock()

        async def kick(unit: Unit) -> None:
            current = await _current(unit, channel)
            membership = await unit.channels.membership(channel.id, target.id)
            require_over(await _rank(unit, actor, current), roles_of(membership.role) if membership else frozenset())
            if not await unit.channels.leave(channel.id, target.id):
                raise NotFound(f"{known_as(target)} is not in {current.name}")
            more = {"kicked_by": known_as(actor), "reason": reason}
            draft = member_event(EventKind.MEMBER_LEFT, now, target, current, more)
            await unit.events.append([replace(draft, actor_id=actor.id)])
            detail = {"channel_id": channel.id, "reason": reason}
            await Audit.record(unit, now, actor.id, "member.kicked", target.id, detail)

        await self._store.write(kick)

    async def rename(
        self,
        actor: Principal,
        channel: Channel,
        new_name: str,
        reason: str | None = None,
        *,
        metadata: dict[str, Any] | None = None,
    ) -> Channel:
        """Give the channel another name, and put what is given into its metadata; nothing happens when it is so.

        Raises:
            InvalidInput: no channel can have the name.
            Forbidden: the actor is no operator of the channel.
            Conflict: the name is taken, or it is a direct channel.
        """
        _check_public(channel)
        check_name(new_name)
        if new_name == DIRECT_MESSAGES or new_name.startswith(PREFIX):
            raise InvalidInput(f"{new_name} is kept for direct conversations", "channel")
        reason = await self._secrets.clean(reason, channel=channel)
        now = self._clock()

        async def rename(unit: Unit) -> Channel:
            before = await _current(unit, channel)
            require_operator(await _rank(unit, actor, before))
            after = replace(before, name=new_name, metadata=before.metadata | (metadata or {}))
            if after == before:
                return before
            if new_name != before.name and not await unit.channels.rename(before.id, new_name):
                raise Conflict(f"There is a channel {new_name} already")
            await unit.channels.save(after)
            more = {"old_name": before.name, "new_name": new_name, "reason": reason}
            await unit.events.append([_event(EventKind.CHANNEL_RENAMED, now, actor, after, channel_row(after) | more)])
            await Audit.record(unit, now, actor.id, "channel.renamed", after.id, more)
            return after

        await self._store.write(rename)
        return await self._directory.find_channel(new_name) or channel


def _check_public(channel: Channel) -> None:
    if channel.direct:
        raise Conflict("A direct conversation is not moderated")


async def _current(unit: Unit, channel: Channel) -> Channel:
    current = await unit.channels.get(channel.id)
    if current is None:
        raise NotFound("Channel not found")
    return current


async def _rank(unit: Unit, actor: Principal, channel: Channel) -> int:
    if has_authority(actor, channel):
        return TOP
    membership = await unit.channels.membership(channel.id, actor.id)
    return rank(roles_of(membership.role)) if membership else rank(frozenset())


def _event(kind: EventKind, at: int, actor: Principal, channel: Channel, data: dict[str, Any]) -> EventDraft:
    return EventDraft(kind, at, actor.id, channel_id=channel.id, subject_id=channel.id, data=data)
