"""Muting: whose lines, and which channels', a user's clients are not sent. It is kept with the account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson

from airchat.protocol.errors import Conflict
from airchat.protocol.events import Event, EventKind
from hub.core.metadata import PRIVATE

if TYPE_CHECKING:  # the server owns it
    from airchat.protocol.principals import Principal
    from bridges.irc.hub import Hub
    from bridges.irc.presence.users import User
    from bridges.irc.session import Session

KEY = f"{PRIVATE}irc-muted"
LIMIT = 25
"""Ids of as many channels and principals fit into one value."""

_NOBODY: frozenset[str] = frozenset()


class Mutes:
    """What the users that are here have muted: ids of channels and principals.

    Only words are kept from them: messages, what becomes of those, and notices. Who comes and goes, and what a channel
    is like, every client must know.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._by_user: dict[str, tuple[str, ...]] = {}
        self._by_target: dict[str, frozenset[str]] = {}

    async def load(self, user: User) -> None:
        """Take over what the user has muted before."""
        kept = await self._hub.metadata.get(user.principal, user.principal)
        self._put(user.principal.id, kept.get(KEY))

    def observe(self, events: Sequence[Event]) -> None:
        """Follow what somebody mutes, here or by another hub on the same store."""
        for event in events:
            if event.kind is EventKind.METADATA_CHANGED and event.recipient_id is not None:
                row = orjson.loads(event.data)
                if row["key"] == KEY:
                    self._put(event.recipient_id, row["value"])

    def of(self, user: User) -> tuple[str, ...]:
        """Return the ids of the channels and principals that the user has muted."""
        return self._by_user.get(user.principal.id, ())

    async def change(self, user: User, target_id: str, *, muted: bool) -> bool:
        """Mute a channel or a principal, or no longer; False when it was so before.

        Raises:
            Conflict: there are as many muted as may be.
        """
        before = self.of(user)
        if (target_id in before) is muted:
            return False
        if muted and len(before) >= LIMIT:
            raise Conflict(f"At most {LIMIT} channels and people can be muted; unmute one first")
        after = (*before, target_id) if muted else tuple(one for one in before if one != target_id)
        await self._hub.metadata.set(user.principal, user.principal, KEY, ",".join(after) or None)
        return True

    def keeps(self, listener: Principal, channel_id: str | None, author_id: str | None) -> bool:
        """Tell whether somebody is not told what an author says in a channel; everybody hears themselves."""
        muted = self._by_user.get(listener.id, ())
        return listener.id != author_id and (channel_id in muted or author_id in muted)

    def matter(self, channel_id: str, author_id: str) -> bool:
        """Tell whether anybody has muted the channel or the author."""
        return channel_id in self._by_target or author_id in self._by_target

    def hearing(self, audience: Iterable[Session], channel_id: str | None, author_id: str | None) -> Iterable[Session]:
        """Return those of an audience who are told; costs next to nothing where nobody has muted anything."""
        deaf = self._by_target.get(channel_id or "", _NOBODY) | self._by_target.get(author_id or "", _NOBODY)
        if not deaf:
            return audience
        return [
            one for one in audience if one.user is None or not self.keeps(one.user.principal, channel_id, author_id)
        ]

    def _put(self, principal_id: str, value: str | None) -> None:
        before = self._by_user.pop(principal_id, ())
        after = tuple(value.split(",")) if value else ()
        if after:
            self._by_user[principal_id] = after
        for target_id in {*before, *after}:
            deaf = self._by_target.pop(target_id, _NOBODY) - {principal_id}
            deaf |= {principal_id} if target_id in after else set()
            if deaf:
                self._by_target[target_id] = deaf
