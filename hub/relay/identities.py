"""Identities: which principal stands for a platform's user. Who is not known yet becomes a ghost.

A bridge that tells an address vouches for it: then whoever has an account with it is known at first sight.
"""

import asyncio
from dataclasses import replace

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import sanitize
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract.inbound import User
from hub.relay.links import Links
from store.ports.relay import Identity
from store.ports.store import Store
from store.ports.unit import Unit

_NAME_ROOM = 80


class Identities:
    """The identities of one workspace of one platform; a bridge's `Names`."""

    def __init__(
        self, store: Store, directory: Directory, links: Links, clock: Clock, *, platform: str, workspace: str
    ) -> None:
        self._store = store
        self._directory = directory
        self._links = links
        self._clock = clock
        self._platform = platform
        self._workspace = workspace
        self._known: dict[str, Identity] = {}
        self._users: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read the workspace's identities."""
        async with self._store.read() as unit:
            for identity in await unit.relay.identities():
                if (identity.platform, identity.workspace) == (self._platform, self._workspace):
                    self._remember(identity)

    async def name_of(self, user: User) -> str:
        """Return the hub name of a platform's user."""
        return (await self.principal_of(user)).name

    def remote_id_of(self, name: str) -> str | None:
        """Return the platform's user id of whoever the hub calls `name`."""
        principal = self._directory.principal_by_name(name)
        return None if principal is None else self._users.get(principal.id)

    def user_of(self, principal_id: str) -> str | None:
        """Return the platform's user id of a principal."""
        return self._users.get(principal_id)

    def avatar_of(self, principal_id: str) -> str | None:
        """Return the address of the picture that a principal has on the platform."""
        known = self._known.get(self._users.get(principal_id, ""))
        return None if known is None else known.avatar_url

    def channel_of(self, remote_channel: str) -> str | None:
        """Return the name of the hub channel that is linked to a channel of this workspace."""
        link = self._links.of_remote(self._platform, self._workspace, remote_channel)
        channel = None if link is None else self._directory.channel(link.channel_id)
        return None if channel is None else channel.name

    def remote_channel_of(self, name: str) -> str | None:
        """Return the id of the channel of this workspace that the hub channel `name` is linked to."""
        channel = self._directory.channel_by_name(name)
        links = [] if channel is None else self._links.of_channel(channel.id)
        mine = (it for it in links if (it.platform, it.workspace) == (self._platform, self._workspace))
        return next((it.remote_channel for it in mine), None)

    async def principal_of(self, user: User) -> Principal:
        """Return who stands for the user: a ghost from first sight on, whose name and picture follow the platform."""
        known = self._known.get(user.id)
        principal = None if known is None else self._directory.principal(known.principal_id)
        if known is None or principal is None or not principal.active:  # somebody else may stand for them since
            async with self._lock:
                return await self._introduce(user)
        bot = user.bot and principal.kind is Kind.GHOST
        if (known.display_name, known.avatar_url, principal.bot) == (user.name, user.avatar_url, bot):
            return principal
        return await self._follow(known, principal, user)

    async def bind(self, user: User, person: Principal) -> None:
        """Let a person of the hub stand for the user from now on; what was said before keeps its author.

        The ghost that did so until now is retired, by which other hubs on the same store know to look again.
        """
        now = self._clock()
        identity = self._identity(user, person)

        async def work(unit: Unit) -> None:
            known = await unit.relay.identity(self._platform, self._workspace, user.id)
            ghost = None if known is None else await unit.principals.get(known.principal_id)
            await unit.relay.save_identity(identity)
            if ghost is not None and ghost.kind is Kind.GHOST and ghost.active:
                retired = replace(ghost, active=False)
                await unit.principals.save(retired)
                await unit.events.append([_changed(retired, now)])

        async with self._lock:
            await self._store.write(work)
            self._remember(identity)

    async def release(self, user: User) -> Principal:
        """Undo `bind`: a new ghost stands for the user."""
        async with self._lock:
            self._forget(user.id)
            return await self._introduce(user, anew=True)

    async def _introduce(self, user: User, *, anew: bool = False) -> Principal:
        now = self._clock()
        ghost = Principal(new_id(now), Kind.GHOST, "", Role.MEMBER, now, display_name=user.name, bot=user.bot)
        stem = sanitize(user.name)[:_NAME_ROOM] or sanitize(user.id) or "somebody"

        async def work(unit: Unit) -> tuple[Principal, Identity]:
            known = await unit.relay.identity(self._platform, self._workspace, user.id)
            present = None if known is None else await unit.principals.get(known.principal_id)
            if known is not None and present is not None and (not anew or present.kind is Kind.GHOST):
                return present, known
            person = None if anew or known is not None else await self._by_email(unit, user, now)
            if person is not None:
                identity = self._identity(user, person)
                await unit.relay.save_identity(identity)
                return person, identity
            name, count = f"{stem}-{self._platform}", 1
            while await unit.principals.by_name(name) is not None:
                count += 1
                name = f"{stem}-{self._platform}-{count}"
            principal = replace(ghost, name=name)
            identity = self._identity(user, principal)
            await unit.principals.save(principal)
            await unit.relay.save_identity(identity)
            await unit.events.append([_changed(principal, now)])
            return principal, identity

        principal, identity = await self._store.write(work)
        self._remember(identity)
        return principal

    async def _by_email(self, unit: Unit, user: User, now: int) -> Principal | None:
        """Return the person with the address that the platform vouches for."""
        wanted = (user.email or "").casefold()
        if not wanted:
            return None
        found = [it.principal for it in await unit.people.all() if (it.email or "").casefold() == wanted]
        if len(found) != 1 or not found[0].active:
            return None
        who = f"{self._platform}:{self._workspace}:{user.id}"
        await Audit.record(unit, now, found[0].id, "person.linked", found[0].id, {"as": who, "by": "email"})
        return found[0]

    def _identity(self, user: User, principal: Principal) -> Identity:
        return Identity(self._platform, self._workspace, user.id, principal.id, user.name, user.avatar_url)

    async def _follow(self, known: Identity, principal: Principal, user: User) -> Principal:
        now = self._clock()
        identity = replace(known, display_name=user.name, avatar_url=user.avatar_url)
        ghost = principal.kind is Kind.GHOST
        after = replace(principal, display_name=user.name, bot=user.bot) if ghost else principal

        async def work(unit: Unit) -> None:
            await unit.relay.save_identity(identity)
            if after != principal:
                await unit.principals.save(after)
                await unit.events.append([_changed(after, now)])

        await self._store.write(work)
        self._remember(identity)
        return after

    def _remember(self, identity: Identity) -> None:
        self._forget(identity.remote_user)
        self._known[identity.remote_user] = identity
        self._users[identity.principal_id] = identity.remote_user

    def _forget(self, remote_user: str) -> None:
        known = self._known.pop(remote_user, None)
        if known is not None and self._users.get(known.principal_id) == remote_user:
            del self._users[known.principal_id]


def _changed(principal: Principal, now: int) -> EventDraft:
    return EventDraft(
        EventKind.PRINCIPAL_CHANGED, now, actor_id=principal.id, subject_id=principal.id, data=principal_row(principal)
    )
