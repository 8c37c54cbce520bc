"""Channels: finding and creating them, who is in them, and what they say of themselves."""

from typing import Any

from airchat.protocol.channels import Channel, ChannelType, Membership
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.limits import CHANNELS_PER_AGENT, TOPIC_LENGTH
from airchat.protocol.names import CHANNEL_RULE, DIRECT_MESSAGES, channel_type, is_name
from airchat.protocol.principals import Kind, Principal
from airchat.protocol.rows import channel_row
from hub.core.admission import Visitor, admit, has_authority
from hub.core.board import BOARD_ROWS, BoardRow, board_rows
from hub.core.clock import Clock
from hub.core.descriptions import checked_description, described, redacting, save_description
from hub.core.direct import ALL_DIRECT, PREFIX, direct_name
from hub.core.directory import Directory
from hub.core.guests import is_guest
from hub.core.memberships import join_member, member_event, move_read
from hub.core.permissions import Action, require
from hub.core.secrets import Secrets
from store.ports.store import Store
from store.ports.unit import Unit


class Channels:
    """What can be done with channels."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._secrets = secrets or Secrets(store, clock)

    async def resolve(self, actor: Principal, name: str, *, invited: bool = False) -> Channel:
        """Return the channel with that name; whom a member invited may know of it.

        Raises:
            InvalidInput: no channel can have the name, or it stands for all direct channels.
            NotFound: there is none, or the actor may not know of it.
        """
        check_name(name)
        if name == DIRECT_MESSAGES:
            raise InvalidInput(f"{DIRECT_MESSAGES} stands for many channels; one is needed here", "channel")
        channel = await self._directory.find_channel(name)
        if channel is None or not (self._directory.visible(actor, channel) or (invited and not channel.direct)):
            raise NotFound("Channel not found")
        return channel

    async def open(
        self,
        actor: Principal,
        name: str,
        *,
        modes: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Channel:
        """Return the channel with that name; create it, with the actor as its operator, when there is none.

        Only a new channel has the modes and the metadata.

        Raises:
            InvalidInput: as `resolve`, or the name is kept for direct channels.
            Forbidden: the actor may not create channels, or has created as many as an agent may.
        """
        channel = self._directory.channel_by_name(name)
        if channel is not None and not channel.direct and self._directory.visible(actor, channel):
            return channel
        try:
            return await self.resolve(actor, name)
        except NotFound:
            # The same answer whether there is such a channel or not, to whoever may not know.
            require(actor, Action.CREATE_CHANNEL)
            if name.startswith(PREFIX):
                raise InvalidInput(f"Names beginning with {PREFIX} are kept for direct channels", "channel") from None
        return await self._create(actor, name, modes or {}, metadata or {})

    def is_orphaned(self, channel: Channel) -> bool:
        """Tell whether a guest made the channel and nobody is in it: who comes next shall look after it."""
        if channel.created_by is None or self._directory.members(channel.id):
            return False
        creator = self._directory.principal(channel.created_by)
        return creator is None or is_guest(creator)

    async def direct_between(self, actor: Principal, other: Principal) -> Channel:
        """Return the direct channel of the two, made when there is none; somebody may have one with themselves."""
        members = sorted({actor.id, other.id})
        name = direct_name([actor.id, other.id])
        known = self._directory.channel_by_name(name)
        if known is not None:
            return known
        now = self._clock()
        channel = Channel(new_id(now), name, ChannelType.DIRECT, now, actor.id)

        async def create(unit: Unit) -> Channel:
            if not await unit.channels.insert(channel):
                return await _by_name(unit, name)
            for member_id in members:
                await unit.channels.join(Membership(channel.id, member_id, now))
            data = channel_row(channel) | {"members": sorted([actor.id, other.id])}
            await unit.events.append([_event(EventKind.CHANNEL_CREATED, now, actor, channel, data)])
            return channel

        created = await self._store.write(create)
        return await self._directory.find_channel(name) or created

    async def board(self, actor: Principal) -> list[BoardRow]:
        """Return the actor's channels in join order and, when they are few, others by newest message."""
        async with self._store.read() as unit:
            entries = await unit.channels.board(actor.id, BOARD_ROWS)
        return board_rows(
            [entry for entry in entries if entry.joined or self._directory.readable(actor, entry.channel)]
        )

    async def join(
        self,
        actor: Principal,
        name: str,
        key: str | None = None,
        *,
        invited: bool = False,
        source: str | None = None,
    ) -> Channel:
        """Make the actor a member; nothing happens when it is one. Whom a member invited no mode keeps out.

        The channel's creator is its operator again, and so is who finds a guest's channel empty.

        `source` is how the actor is shown where it comes from, as `nick!user@host`, for the masks of bans.

        Raises:
            NotFound: as `resolve`.
            Refused: a mode of the channel keeps the actor out.
        """
        channel = await self.resolve(actor, name, invited=invited)
        if not self._directory.is_member(actor.id, channel.id):
            now = self._clock()

            async def join(unit: Unit) -> None:
                await admit(unit, Visitor(actor, key, invited, source), channel)
                await join_member(unit, now, actor, channel, await self._roles(unit, actor, channel))

            await self._store.write(join)
        return channel

    async def leave(self, actor: Principal, name: str, reason: str | None = None) -> Channel:
        """End the actor's membership; nothing happens when there is none.

        Raises:
            NotFound: as `resolve`.
            Conflict: a direct channel cannot be left.
        """
        channel = await self.resolve(actor, name)
        if channel.direct:
            raise Conflict("A direct conversation cannot be left")
        reason = await self._secrets.clean(reason, channel=channel)
        now = self._clock()

        async def leave(unit: Unit) -> None:
            if await unit.channels.leave(channel.id, actor.id):
                more = {"reason": reason}
                await unit.events.append([member_event(EventKind.MEMBER_LEFT, now, actor, channel, more)])

        await self._store.write(leave)
        return channel

    async def members(self, actor: Principal, name: str) -> list[tuple[Principal, Membership]]:
        """Return who is in the channel, in join order, each with the presence the store knows.

        Raises:
            NotFound: as `resolve`, or it is private and the actor is not in it.
        """
        channel = await self.resolve(actor, name)
        if not self._directory.readable(actor, channel):
            raise NotFound("Channel not found")
        async with self._store.read() as unit:
            members = await unit.channels.members(channel.id)
            found = await unit.principals.by_ids([member.principal_id for member in members])
        principals = {principal.id: principal for principal in found}
        return [(principals[member.principal_id], member) for member in members if member.principal_id in principals]

    async def update(
        self,
        actor: Principal,
        name: str,
        *,
        topic: str | None = None,
        description: str | None = None,
        archived: bool | None = None,
        redact: bool | None = None,
    ) -> Channel:
        """Change what is given; an empty text removes topic or description.

        Without `redact`, secrets stay in what is written there.

        Raises:
            NotFound: as `resolve`.
            Conflict: a direct channel has no such things.
            Forbidden: only members describe a channel, and where its topic is locked only its operators set that; its
                creator, admins and owners archive it; people among them say whether it is redacted.
            InvalidInput: a text is too long or has characters it may not have.
        """
        channel = await self.resolve(actor, name)
        if channel.direct:
            raise Conflict("A direct conversation has no topic, description or archive")
        if archived is not None and channel.created_by != actor.id:
            require(actor, Action.ARCHIVE_ANY_CHANNEL)
        if redact is not None and (actor.kind is Kind.AGENT or not has_authority(actor, channel)):
            raise Forbidden("Only people who look after a channel say whether secrets are taken out there")
        if topic is not None or description is not None:
            require(actor, Action.DESCRIBE_CHANNEL)
        topic = await self._secrets.clean(checked_description(topic, "topic"), TOPIC_LENGTH, channel)
        description = checked_description(description, "description")
        description = await self._secrets.clean(description, TOPIC_LENGTH, channel)
        now = self._clock()

        async def save(unit: Unit) -> Channel:
            before = await _by_name(unit, name)
            after = redacting(described(before, topic, description, archived), redact)
            return before if after == before else await save_description(unit, now, actor, before, after)

        return await self._store.write(save)

    async def mark_read(self, actor: Principal, channel: Channel, number: int) -> bool:
        """Count everything numbered up to `number` as read by the actor; False when it was so before."""
        now = self._clock()
        return await self._store.write(lambda unit: move_read(unit, now, actor, channel, number))

    async def list(self, actor: Principal, type: ChannelType | None = None) -> list[Channel]:
        """Return where the actor is a member, in join order, archived channels too.

        The direct ones come as one, `ALL_DIRECT`, among the global ones.
        """
        async with self._store.read() as unit:
            memberships = await unit.channels.memberships_of(actor.id)
        found: dict[str, Channel] = {}
        for membership in memberships:
            channel = await self._directory.find_channel_by_id(membership.channel_id)
            if channel is not None:
                shown = ALL_DIRECT if channel.direct else channel
                found.setdefault(shown.id, shown)
        return [channel for channel in found.values() if type is None or _shown_type(channel) is type]

    async def _roles(self, unit: Unit, actor: Principal, channel: Channel) -> frozenset[str]:
        """Return the roles of somebody who comes in."""
        returns = channel.created_by == actor.id and actor.kind is not Kind.SYSTEM
        adopts = self.is_orphaned(channel) and not await unit.channels.members(channel.id)
        return frozenset({"operator"}) if returns or adopts else frozenset()

    async def _create(self, actor: Principal, name: str, modes: dict[str, Any], metadata: dict[str, Any]) -> Channel:
        now = self._clock()
        channel = Channel(new_id(now), name, channel_type(name), now, actor.id, metadata=metadata, modes=modes)
        roles = frozenset() if actor.kind is Kind.SYSTEM else frozenset({"operator"})

        async def create(unit: Unit) -> Channel:
            if await unit.channels.by_name(name) is not None:
                return await _by_name(unit, name)
            if actor.kind is Kind.AGENT and await unit.channels.count_created_by(actor.id) >= CHANNELS_PER_AGENT:
                raise Forbidden(f"An agent may create at most {CHANNELS_PER_AGENT} channels; ask a person for #{name}")
            await unit.channels.insert(channel)
            await unit.events.append([_event(EventKind.CHANNEL_CREATED, now, actor, channel, channel_row(channel))])
            await join_member(unit, now, actor, channel, roles)
            return channel

        created = await self._store.write(create)
        return await self._directory.find_channel(name) or created


def check_name(name: str) -> None:
    """Do nothing when a channel can have the name.

    Raises:
        InvalidInput: it cannot.
    """
    if not is_name(name):
        raise InvalidInput(CHANNEL_RULE, "channel")


async def _by_name(unit: Unit, name: str) -> Channel:
    channel = await unit.channels.by_name(name)
    if channel is None:
        raise NotFound("Channel not found")
    return channel


def _event(kind: EventKind, at: int, actor: Principal, channel: Channel, data: dict[str, object]) -> EventDraft:
    return EventDraft(kind, at, actor.id, channel_id=channel.id, subject_id=channel.id, data=data)


def _shown_type(channel: Channel) -> ChannelType:
    return ChannelType.GLOBAL if channel.direct else channel.type
