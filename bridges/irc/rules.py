"""Who may see and say what on IRC, where the hub itself does not decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.principals import Role
from bridges.irc.wire import numerics as n
from bridges.irc.wire.modes import LETTERS
from hub.core.admission import Refused, Visitor, check_speech, has_authority, speaks_freely

if TYPE_CHECKING:  # the server asks its rules
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.speech.said import Said


class Rules:
    """Questions about rooms and users; each answer is a reason, or None when there is no objection."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server

    def may_know(self, room: Room, user: User) -> bool:
        """Tell whether the user may know that the channel exists."""
        if room.has(user) or user.operator or user.principal.id in room.invited:
            return True
        return user.principal.role is not Role.GUEST and not room.channel.direct

    def listed(self, room: Room, user: User) -> bool:
        """Tell whether the channel shows in lists for the user: secret ones show to members and operators alone."""
        if room.modes.get("secret") and not room.has(user) and not user.operator:
            return False
        return self.may_know(room, user)

    def shows_members(self, room: Room, user: User) -> bool:
        """Tell whether the user may know the members and the topic: of private channels members and operators may."""
        return room.has(user) or user.operator or (self.listed(room, user) and not room.channel.private)

    def why_not_speak(self, room: Room, user: User, said: Said) -> str | None:
        """Return why the user may not say this in the channel."""
        if "no_ctcp" in room.modes and said.ctcp not in (None, "ACTION") and not room.operated_by(user):
            return "Channels with +C take no CTCP (+C)"
        directory = self._server.hub.directory
        if speaks_freely(user.principal, room.channel, directory):
            return None
        try:
            check_speech(Visitor(user.principal, source=user.mask), room.channel, directory)
        except Refused as error:
            return None if error.mode == "op_moderated" else f"{error.naming(room.name)} (+{LETTERS[error.mode]})"
        return None

    def only_moderators_hear(self, room: Room, user: User) -> bool:
        """Tell whether what the user says in the channel is shown to those alone who moderate it, and nowhere kept."""
        silent = "op_moderated" in room.modes and not room.roles(user)
        return silent and not has_authority(user.principal, room.channel)

    def why_not_message(self, target: User, user: User) -> tuple[str, str] | None:
        """Return the numeric and text that say why the user may not write to somebody."""
        if not target.principal.active:
            return n.ERR_NOSUCHNICK, "No such nick"
        if "R" in target.modes and user.account is None and user.principal.id not in target.accepted:
            return n.ERR_NEEDREGGEDNICK, "They take messages from people with an account alone"
        return None

    def topic_locked(self, room: Room, user: User) -> bool:
        """Tell whether the user may not change the channel's topic, not even to what it is."""
        locked = "topic_locked" in room.modes and not room.moderated_by(user)
        return locked and not has_authority(user.principal, room.channel)
