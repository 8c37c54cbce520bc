"""Guests: people without an account, for as long as their connection lasts."""

import secrets
from dataclasses import replace

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import is_guest_name, sanitize
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from airchat.protocol.timestamps import MINUTE
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.memberships import member_event
from hub.core.text import checked_line
from store.ports.store import Store
from store.ports.unit import Unit

NICK_LENGTH = 100
FORGOTTEN = 10 * MINUTE
"""A guest whom no hub has called present for so long is what a crash left behind."""

_STEM_LENGTH = 80


class Guests:
    """Ghosts that come and go. `beat` must be called every few minutes, `sweep` at the start and now and then."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._present: set[str] = set()

    async def enter(self, nick: str, role: Role = Role.GUEST) -> Principal:
        """Return a new guest, shown as `nick`; its name on the hub is made of it and unique for ever.

        Raises:
            InvalidInput: no display name can be like that.
        """
        now = self._clock()
        shown = checked_line(nick, "nick", NICK_LENGTH)
        name = f"{sanitize(nick)[:_STEM_LENGTH].strip('-') or 'somebody'}-guest-{secrets.token_hex(4)}"
        guest = Principal(new_id(now), Kind.GHOST, name, role, now, display_name=shown, last_seen_at=now)
        await self._store.write(lambda unit: _save(unit, guest, now))
        self._present.add(guest.id)
        return guest

    async def rename(self, guest: Principal, nick: str) -> Principal:
        """Show the guest as another nick; its name on the hub stays. Errors as in `enter`."""
        now = self._clock()
        shown = checked_line(nick, "nick", NICK_LENGTH)

        async def rename(unit: Unit) -> Principal:
            renamed = replace(await unit.principals.get(guest.id) or guest, display_name=shown)
            await _save(unit, renamed, now)
            return renamed

        return await self._store.write(rename)

    async def retire(self, guest: Principal, reason: str | None = None) -> Principal:
        """Let the guest go for ever: it leaves every channel and is active no longer. Doing it again changes nothing.

        Its `member.left` events say `quit`, so that they can be shown as one; direct conversations stay as they are.
        """
        now = self._clock()

        async def retire(unit: Unit) -> Principal:
            current = await unit.principals.get(guest.id)
            if current is None or not current.active:
                return current or guest
            await _leave_all(unit, now, current, reason)
            await unit.metadata.clear(current.id)
            await unit.markers.clear(current.id)
            gone = replace(current, active=False)
            await _save(unit, gone, now)
            return gone

        try:
            return await self._store.write(retire)
        finally:
            self._present.discard(guest.id)  # what cannot be written now is left for `sweep`

    async def beat(self) -> None:
        """Note in the store that this hub's guests are here, so that no other hub takes them for forgotten."""
        present, now = sorted(self._present), self._clock()
        if present:
            await self._store.write(lambda unit: unit.principals.seen(present, now))

    async def sweep(self) -> int:
        """Retire the guests of hubs that are gone, and return how many there were."""
        known = [it.id for it in self._directory.principals() if it.active and is_guest(it)]
        absent = [principal_id for principal_id in known if principal_id not in self._present]
        if not absent:
            return 0
        since = self._clock() - FORGOTTEN
        async with self._store.read() as unit:
            found = await unit.principals.by_ids(absent)
        forgotten = [it for it in found if it.active and (it.last_seen_at or it.created_at) < since]
        for guest in forgotten:
            await self.retire(guest, "Connection lost")
        return len(forgotten)


def is_guest(principal: Principal) -> bool:
    """Tell whether the principal is a guest, and not somebody of a bridged platform or with an account."""
    return principal.kind is Kind.GHOST and is_guest_name(principal.name)


async def _save(unit: Unit, guest: Principal, now: int) -> None:
    await unit.principals.save(guest)
    draft = EventDraft(EventKind.PRINCIPAL_CHANGED, now, guest.id, subject_id=guest.id, data=principal_row(guest))
    await unit.events.append([draft])


async def _leave_all(unit: Unit, now: int, guest: Principal, reason: str | None) -> None:
    for membership in await unit.channels.memberships_of(guest.id):
        channel = await unit.channels.get(membership.channel_id)
        if channel is None or channel.direct or not await unit.channels.leave(channel.id, guest.id):
            continue
        left = member_event(EventKind.MEMBER_LEFT, now, guest, channel)
        await unit.events.append([replace(left, data=(left.data or {}) | {"quit": True, "reason": reason})])
