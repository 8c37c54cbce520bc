"""The directory: who and what exists, in memory, for look-ups that must not wait.

A projection of the log: loaded once, then kept by the events of the bus, whose data are complete rows. It lags a moment
behind what another hub commits, so whoever misses something asks the `find_` methods, which look into the store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from airchat.protocol.channels import ROLES, Channel, ChannelType, Membership, roles_of, shown_modes
from airchat.protocol.events import Event, EventKind
from airchat.protocol.names import is_guest_name
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.timestamps import from_iso
from hub.core.direct import direct_name
from hub.core.events import EventBus
from store.ports.store import Store
from store.ports.unit import Unit

_PRINCIPAL = frozenset({EventKind.AGENT_REGISTERED, EventKind.PRINCIPAL_CHANGED})
CHANNEL_KINDS = frozenset(
    {
        EventKind.CHANNEL_CREATED,
        EventKind.CHANNEL_CHANGED,
        EventKind.CHANNEL_ARCHIVED,
        EventKind.CHANNEL_UNARCHIVED,
        EventKind.CHANNEL_MODES_CHANGED,
        EventKind.CHANNEL_RENAMED,
    }
)
"""What tells of a channel as it is since."""
_MEMBERSHIP = frozenset({EventKind.MEMBER_JOINED, EventKind.MEMBER_LEFT, EventKind.MESSAGE_CREATED})
_FOLLOWED = _PRINCIPAL | CHANNEL_KINDS | _MEMBERSHIP


class Directory:
    """Principals and channels by id and name, and who is in which channel; guests only as long as they are here.

    Presence (`last_seen_at`, `status`) and `last_number` may be old: the store knows better. Nor are keys known here.
    """

    def __init__(self, store: Store, bus: EventBus) -> None:
        self._store = store
        self._principals: dict[str, Principal] = {}
        self._channels: dict[str, Channel] = {}
        self._principal_ids: dict[str, str] = {}
        self._channel_ids: dict[str, str] = {}
        self._members: dict[str, dict[str, frozenset[str]]] = {}
        self._bots: set[str] = set()
        self._loaded_at: int | None = None
        self._early: list[Event] = []
        bus.add_listener(self._observe)

    async def load(self) -> None:
        """Read everything from the store, once, after it is open and the bus started."""
        async with self._store.read() as unit:
            head = await unit.events.head()
            principals = await unit.principals.all()
            channels = await unit.channels.all()
            memberships = await unit.channels.all_members()
        for principal in principals:
            self._put_principal(principal)
        for channel in channels:
            self._put_channel(channel)
        for membership in memberships:
            self._put_member(membership.channel_id, membership.principal_id, roles_of(membership.role))
        self._loaded_at = head
        early, self._early = self._early, []
        self._observe(early)

    def principal(self, principal_id: str) -> Principal | None:
        """Return the principal with that id."""
        return self._principals.get(principal_id)

    def principal_by_name(self, name: str) -> Principal | None:
        """Return the principal with that name, active or not."""
        principal_id = self._principal_ids.get(name)
        return None if principal_id is None else self._principals[principal_id]

    def channel(self, channel_id: str) -> Channel | None:
        """Return the channel with that id."""
        return self._channels.get(channel_id)

    def channel_by_name(self, name: str) -> Channel | None:
        """Return the channel with that name, direct ones included."""
        channel_id = self._channel_ids.get(name)
        return None if channel_id is None else self._channels[channel_id]

    def principals(self) -> list[Principal]:
        """Return everybody."""
        return list(self._principals.values())

    @property
    def knows_bots(self) -> bool:
        """Whether any bot of a platform was ever let in: most hubs know none."""
        return bool(self._bots)

    def channels(self) -> list[Channel]:
        """Return every channel, direct ones included."""
        return list(self._channels.values())

    def is_member(self, principal_id: str, channel_id: str) -> bool:
        """Tell whether the principal is in the channel."""
        return principal_id in self._members.get(channel_id, ())

    def members(self, channel_id: str) -> frozenset[str]:
        """Return the ids of who is in the channel."""
        return frozenset(self._members.get(channel_id, ()))

    def roles(self, channel_id: str, principal_id: str) -> frozenset[str]:
        """Return a member's roles in the channel; none for anybody else."""
        return self._members.get(channel_id, {}).get(principal_id, frozenset())

    def direct_members(self, channel_id: str) -> frozenset[str]:
        """Return the ids of a direct channel's parties; nobody for any other channel."""
        channel = self._channels.get(channel_id)
        return frozenset(self._members.get(channel_id, ())) if channel is not None and channel.direct else frozenset()

    def visible(self, actor: Principal, channel: Channel) -> bool:
        """Tell whether the actor may know of the channel.

        Direct ones are for their parties, guests see only where they are members, everybody else sees the rest.
        """
        if channel.direct or actor.role is Role.GUEST:
            return self.is_member(actor.id, channel.id)
        return True

    def readable(self, actor: Principal, channel: Channel) -> bool:
        """Tell whether the actor may see what is said there: of private channels, only members may."""
        if channel.private or actor.role is Role.GUEST:
            return self.is_member(actor.id, channel.id)
        return True

    def can_see(self, principal_id: str, channel_id: str) -> bool:
        """Tell whether it is `readable`, by ids; nobody may see what is not known here."""
        principal, channel = self._principals.get(principal_id), self._channels.get(channel_id)
        return principal is not None and channel is not None and self.readable(principal, channel)

    def may_see_event(self, principal_id: str, event: Event) -> bool:
        """Tell whether the event is for the principal: by its recipient (or actor) and by its channel."""
        if event.recipient_id is not None and principal_id not in (event.recipient_id, event.actor_id):
            return False
        return event.channel_id is None or self.can_see(principal_id, event.channel_id)

    async def find_principal(self, name: str) -> Principal | None:
        """Return the principal with that name, from the store when it is not known here."""
        known = self.principal_by_name(name)
        return known or next(iter(await self.find_principals([name])), None)

    async def find_principals(self, names: Iterable[str]) -> list[Principal]:
        """Return the principals with these names, each once, asking the store once for those not known here."""
        known = {name: self.principal_by_name(name) for name in names}
        missing = [name for name, principal in known.items() if principal is None]
        if missing:
            async with self._store.read() as unit:
                for principal in await unit.principals.by_names(missing):
                    self._put_principal(principal)
                    known[principal.name] = principal
        return [principal for principal in known.values() if principal is not None]

    async def find_channel(self, name: str) -> Channel | None:
        """Return the channel with that name, from the store when it is not known here."""
        known = self.channel_by_name(name)
        if known is not None:
            return known

        async def find(unit: Unit) -> tuple[Channel | None, Sequence[Membership]]:
            channel = await unit.channels.by_name(name)
            return channel, await unit.channels.members(channel.id) if channel else []

        return self._learn(*await self._store.look_up(find))

    async def find_channel_by_id(self, channel_id: str) -> Channel | None:
        """Return the channel with that id, from the store when it is not known here."""
        known = self.channel(channel_id)
        if known is not None:
            return known
        async with self._store.read() as unit:
            channel = await unit.channels.get(channel_id)
            members = await unit.channels.members(channel_id)
        return self._learn(channel, members)

    def _learn(self, channel: Channel | None, members: Iterable[Membership]) -> Channel | None:
        if channel is None:
            return None
        for member in members:
            self._put_member(channel.id, member.principal_id, roles_of(member.role))
        return self._put_channel(channel)

    def _observe(self, events: Sequence[Event]) -> None:
        """Follow the log; what comes while loading waits, what loading has seen is skipped."""
        if self._loaded_at is None:
            self._early += [event for event in events if event.kind in _FOLLOWED]
            return
        for event in events:
            if event.kind in _FOLLOWED and event.seq > self._loaded_at and not self._is_of_member(event):
                self._apply(event)

    def _is_of_member(self, event: Event) -> bool:
        """Tell whether this is what most events are, which changes nothing here: a message by a member."""
        return event.kind is EventKind.MESSAGE_CREATED and event.actor_id in self._members.get(
            event.channel_id or "", ()
        )

    def _apply(self, event: Event) -> None:
        if event.kind in _PRINCIPAL:
            self._put_principal(principal_from_row(orjson.loads(event.data)))
        elif event.kind in CHANNEL_KINDS:
            row = orjson.loads(event.data)
            self._put_channel(channel_from_row(row))
            for member_id in row.get("members", ()):
                self._put_member(row["id"], member_id)
            for change in row.get("changes", ()):
                self._change_role(row["id"], *change[:3])
        elif event.channel_id is not None:
            self._apply_membership(event, event.channel_id)

    def _apply_membership(self, event: Event, channel_id: str) -> None:
        if event.kind is EventKind.MESSAGE_CREATED:
            if event.actor_id is not None:
                self._members.setdefault(channel_id, {}).setdefault(event.actor_id, frozenset())
        elif event.subject_id is not None and event.kind is EventKind.MEMBER_JOINED:
            self._put_member(channel_id, event.subject_id, frozenset(orjson.loads(event.data)["roles"]))
        elif event.subject_id is not None:
            self._members.get(channel_id, {}).pop(event.subject_id, None)

    def _put_member(self, channel_id: str, principal_id: str, roles: frozenset[str] = frozenset()) -> None:
        self._members.setdefault(channel_id, {})[principal_id] = roles

    def _change_role(self, channel_id: str, add: bool, mode: str, member_id: str) -> None:  # noqa: FBT001 - a change
        if mode in ROLES:
            roles = self.roles(channel_id, member_id)
            self._put_member(channel_id, member_id, roles | {mode} if add else roles - {mode})

    def _put_principal(self, principal: Principal) -> None:
        before = self._principals.get(principal.id)
        if before is not None and self._principal_ids.get(before.name) == principal.id:
            del self._principal_ids[before.name]
        if not principal.active and is_guest_name(principal.name):  # gone for ever, and there is no end of them
            self._principals.pop(principal.id, None)
            return
        self._principals[principal.id] = principal
        self._principal_ids[principal.name] = principal.id
        if principal.bot:
            self._bots.add(principal.id)
        else:
            self._bots.discard(principal.id)

    def _put_channel(self, channel: Channel) -> Channel:
        channel = replace(channel, modes=shown_modes(channel.modes))
        before = self._channels.get(channel.id)
        if before is not None and before.name != channel.name and self._channel_ids.get(before.name) == channel.id:
            del self._channel_ids[before.name]
        self._channels[channel.id] = channel
        self._channel_ids[channel.name] = channel.id
        return channel


def principal_from_row(row: dict[str, Any]) -> Principal:
    """Return the principal that `principal_row` described."""
    return Principal(
        id=row["id"],
        kind=Kind(row["kind"]),
        name=row["name"],
        role=Role(row["role"]),
        created_at=from_iso(row["created_at"]),
        display_name=row["display_name"],
        active=row["active"],
        last_seen_at=from_iso(row["last_seen_at"]) if row["last_seen_at"] else None,
        status=row["status"],
        bot=row.get("bot", False),  # events from before there were bots say nothing of them
    )


def channel_from_row(row: dict[str, Any]) -> Channel:
    """Return the channel that the data of a channel's event described; `members` makes it a direct one."""
    members = row.get("members")
    return Channel(
        id=row["id"],
        name=direct_name(members) if members else row["name"],
        type=ChannelType.DIRECT if members else ChannelType(row["type"]),
        created_at=from_iso(row["created_at"]),
        created_by=row["created_by"],
        description=row["description"],
        topic=row["topic"],
        metadata=row["metadata"] or {},
        archived=row["archived"],
        modes=row["modes"],
        topic_by=row["topic_by"],
        topic_at=from_iso(row["topic_at"]) if row["topic_at"] else None,
    )
