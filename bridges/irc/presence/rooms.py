"""Channels as IRC clients see them: a projection of the hub's channels that the feed keeps event by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from airchat.protocol.channels import Channel
from airchat.protocol.principals import Kind
from bridges.irc.presence.users import User, Users
from bridges.irc.speech.pace import Exchange
from bridges.irc.wire.names import casefold, irc_channel_name

if TYPE_CHECKING:  # sessions know their rooms
    from bridges.irc.session import Session
    from hub.core.directory import Directory

_INVITED = 100

PREFIXES = {"founder": "~", "admin": "&", "operator": "@", "halfop": "%", "voice": "+"}
"""Roles of a member and their signs, highest first."""

_OPERATORS = frozenset({"founder", "admin", "operator"})
_MODERATORS = _OPERATORS | {"halfop"}
_NO_ROLES: frozenset[str] = frozenset()


Places = dict[str, dict["Room", None]]
"""Where everybody is a member, by principal id, in the order in which they came."""


class Room:
    """One channel. `members` are roles by principal id; the audience is every session of every member.

    `invited` are the principals whom no mode keeps out, once, and when they were invited.
    """

    def __init__(self, channel: Channel, users: Users, places: Places) -> None:
        self.channel = channel
        self.name = irc_channel_name(channel.name, channel.metadata)
        self.members: dict[str, frozenset[str]] = {}
        self.invited: dict[str, int] = {}
        self.exchange = Exchange()
        self._users = users
        self._places = places
        self._audience: tuple[Session, ...] | None = None

    @property
    def modes(self) -> dict[str, Any]:
        """Return the channel's modes as the hub keeps them."""
        return self.channel.modes

    def enter(self, principal_id: str, roles: frozenset[str] = _NO_ROLES) -> None:
        """Take in a member, or give one other roles."""
        self.members[principal_id] = roles
        self._places.setdefault(principal_id, {})[self] = None
        self._audience = None

    def leave(self, principal_id: str) -> None:
        """Let a member go."""
        self.members.pop(principal_id, None)
        places = self._places.get(principal_id, {})
        places.pop(self, None)
        if not places:
            self._places.pop(principal_id, None)
        self._audience = None

    def changed(self) -> None:
        """Count the sessions anew: a member got or lost one."""
        self._audience = None

    def has(self, user: User) -> bool:
        """Tell whether the user is a member."""
        return user.principal.id in self.members

    def roles(self, user: User) -> frozenset[str]:
        """Return the user's roles here."""
        return self.members.get(user.principal.id, _NO_ROLES)

    def operated_by(self, user: User) -> bool:
        """Tell whether the user may change the channel's modes and remove others."""
        return bool(self.roles(user) & _OPERATORS)

    def moderated_by(self, user: User) -> bool:
        """Tell whether the user stands above members without a role."""
        return bool(self.roles(user) & _MODERATORS)

    def invite(self, user: User, at: int) -> None:
        """Let the user in once, whatever the modes; too many invitations end the oldest."""
        self.invited.pop(user.principal.id, None)
        self.invited[user.principal.id] = at
        if len(self.invited) > _INVITED:
            del self.invited[next(iter(self.invited))]

    def prefixes(self, user: User, *, all_of_them: bool = True) -> str:
        """Return the signs before the user's nick, highest first; only the highest for clients without multi-prefix."""
        roles = self.roles(user)
        signs = "".join(sign for role, sign in PREFIXES.items() if role in roles)
        return signs if all_of_them else signs[:1]

    def users(self) -> Iterator[User]:
        """Yield the members in the order in which they came; the hub's own principals do not show."""
        for principal_id in list(self.members):
            user = self._users.of(principal_id)
            if user is not None and user.principal.kind is not Kind.SYSTEM:
                yield user

    def hides(self, user: User) -> bool:
        """Tell whether only those who moderate see that the user is here: members without a role of an auditorium."""
        return "auditorium" in self.modes and not self.roles(user)

    def shows(self, viewer: User, user: User) -> bool:
        """Tell whether one member sees that another is here."""
        return not self.hides(user) or viewer is user or self.moderated_by(viewer)

    def watchers(self, user: User) -> tuple[Session, ...]:
        """Return the sessions that see the user come and go."""
        if not self.hides(user):
            return self.audience()
        return tuple(session for session in self.audience() if session.user and self.shows(session.user, user))

    def audience(self) -> tuple[Session, ...]:
        """Return every session of every member."""
        if self._audience is None:
            self._audience = tuple(session for user in self.users() for session in user.sessions)
        return self._audience


class Rooms:
    """Every channel but the direct ones, by hub id and by IRC name."""

    def __init__(self, directory: Directory, users: Users) -> None:
        self._directory = directory
        self._users = users
        self._by_id: dict[str, Room] = {}
        self._by_name: dict[str, Room] = {}
        self._places: Places = {}

    def load(self) -> None:
        """Take over what the directory knows."""
        for channel in self._directory.channels():
            if not channel.direct:
                room = self.put(channel)
                for principal_id in self._directory.members(channel.id):
                    room.enter(principal_id, self._directory.roles(channel.id, principal_id))

    def put(self, channel: Channel) -> Room:
        """Take in a new channel, or what has changed of a known one."""
        room = self._by_id.get(channel.id)
        if room is None:
            room = self._by_id[channel.id] = Room(channel, self._users, self._places)
        else:
            self._by_name.pop(casefold(room.name), None)
            room.channel = channel
            room.name = irc_channel_name(channel.name, channel.metadata)
        self._by_name[casefold(room.name)] = room
        return room

    def of(self, channel_id: str | None) -> Room | None:
        """Return the room of a hub channel; None for direct ones."""
        return None if channel_id is None else self._by_id.get(channel_id)

    def by_name(self, name: str) -> Room | None:
        """Return the room with that IRC name."""
        return self._by_name.get(casefold(name))

    def __len__(self) -> int:
        """Return how many rooms there are."""
        return len(self._by_id)

    def all(self) -> Iterable[Room]:
        """Return every room by name."""
        return sorted(self._by_name.values(), key=lambda room: room.name)

    def with_user(self, user: User) -> list[Room]:
        """Return where the user is a member, in the order in which they came."""
        return list(self._places.get(user.principal.id, ()))
