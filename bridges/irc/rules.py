"""Who may see and say what on IRC, where the hub itself does not decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.principals import Role
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # the server asks its rules
    from bridges.irc.commands.messages import Said
    from bridges.irc.rooms import Room
    from bridges.irc.server import IrcServer
    from bridges.irc.users import User

_VOICED = frozenset({"founder", "admin", "operator", "halfop", "voice"})


class Rules:
    """Questions about rooms and users; each answer is a reason, or None when there is no objection."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server

    def may_know(self, room: Room, user: User) -> bool:
        """Tell whether the user may know that the channel exists."""
        if room.has(user) or user.operator:
            return True
        return user.principal.role is not Role.GUEST and not room.channel.direct

    def listed(self, room: Room, user: User) -> bool:
        """Tell whether the channel shows in lists for the user: secret ones show to members and operators alone."""
        if room.modes.get("secret") and not room.has(user) and not user.operator:
            return False
        return self.may_know(room, user)

    def why_not_speak(self, room: Room, user: User, said: Said) -> str | None:
        """Return why the user may not say this in the channel."""
        voiced = bool(room.roles(user) & _VOICED)
        if voiced:
            return None
        if room.modes.get("members_only", True) and not room.has(user):
            return "Cannot send to channel (+n)"
        if room.modes.get("moderated"):
            return "Cannot send to channel (+m)"
        return None

    def why_not_message(self, target: User, user: User) -> tuple[str, str] | None:
        """Return the numeric and text that say why the user may not write to somebody."""
        if not target.principal.active:
            return n.ERR_NOSUCHNICK, "No such nick"
        return None

    def spoke(self, room: Room, user: User) -> None:
        """Take note that the user said something in the channel."""

    def topic_locked(self, room: Room, user: User) -> bool:
        """Tell whether the user may not change the channel's topic."""
        return bool(room.modes.get("topic_locked")) and not room.roles(user) & (_VOICED - {"voice"})
