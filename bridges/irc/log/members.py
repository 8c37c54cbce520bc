"""Who comes, goes and changes, as clients see it: members of channels, and guests and accounts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc.accounts.identity import give_way
from bridges.irc.joining import show_names
from bridges.irc.log import happenings
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from hub.core.directory import principal_from_row
from hub.core.guests import is_guest

if TYPE_CHECKING:  # the server owns its rooms and users
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session


def follow(server: IrcServer) -> None:
    """Let the server's feed show these changes."""
    Members(server)


class Members:
    """Follows the log for one server. A guest who leaves all channels at once quits: who saw them hears of it once."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._quitting: dict[str, tuple[set[Session], str]] = {}
        server.feed.handle(EventKind.MEMBER_JOINED, self._joined)
        server.feed.handle(EventKind.MEMBER_LEFT, self._left)
        server.feed.handle(EventKind.AGENT_REGISTERED, self._principal)
        server.feed.handle(EventKind.PRINCIPAL_CHANGED, self._principal)

    def _joined(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        user = self._server.users.of(row["agent_id"])
        if room is None or row["agent_id"] in room.members:
            return
        room.enter(row["agent_id"], frozenset(row.get("roles") or ()))
        cause = self._server.cause_of(EventKind.MEMBER_JOINED, row["agent_id"])
        show_join(self._server, event, room, user, cause)

    def _left(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        user = self._server.users.of(row["agent_id"])
        if room is None or row["agent_id"] not in room.members:
            return
        if user is None:
            room.leave(row["agent_id"])
            return
        audience = room.watchers(user)
        room.leave(row["agent_id"])
        if row.get("quit"):
            self._quitting.setdefault(row["agent_id"], (set(), row.get("reason") or ""))[0].update(audience)
            return
        cause = self._server.cause_of(EventKind.MEMBER_LEFT, row["agent_id"])
        out = happenings.left(self._server, room.name, event, row, user)
        for session in audience:
            if not (session.aircd and session.user is user):  # whoever leaves there hears nothing of it
                session.deliver(out, caused=session is cause)

    def _principal(self, event: Event, row: dict[str, Any]) -> None:
        principal = principal_from_row(row)
        user = self._server.users.of(principal.id)
        self._server.users.refresh(principal)
        give_way(self._server, principal)
        elsewhere = user is not None and not user.sessions and is_guest(principal)
        if user is not None and elsewhere:
            self._guest_elsewhere(event, user)
        watching, reason = self._quitting.pop(principal.id, (set(), ""))
        if user is not None and not principal.active and watching:
            out = happenings.told(self._server, event, lines.text("QUIT", reason, source=user.mask))
            for session in watching:
                if session.user is not user:
                    session.deliver(out)
        if user is not None and elsewhere and not principal.active:
            self._server.users.leave(user)

    def _guest_elsewhere(self, event: Event, user: User) -> None:
        """Show the new nick of a guest of another hub."""
        nick = user.principal.display_name
        if not user.principal.active or not nick or nick == user.nick:
            return
        out = happenings.told(self._server, event, lines.text("NICK", nick, source=user.mask))
        for session in self._server.neighbours(user):
            session.deliver(out)
        self._server.users.renamed_elsewhere(user, nick)


def show_join(server: IrcServer, event: Event, room: Room, user: User | None, cause: Session | None) -> None:
    """Show that somebody came into a channel, by the doing of a session or of none."""
    if user is None or user.principal.kind is Kind.SYSTEM:
        return
    plain = happenings.joined(server, room.name, event, user, extended=False)
    extended = happenings.joined(server, room.name, event, user, extended=True)
    away = user.away_text
    away_line = Outgoing(lines.text("AWAY", away, source=user.mask), at=event.created_at) if away is not None else None
    for session in room.watchers(user):
        out = extended if session.has("extended-join") else plain
        session.deliver(out, caused=session is cause)
        if session.user is user:
            show_names(session, room, caused=session is cause)
        elif away_line is not None and session.has("away-notify"):
            session.deliver(away_line)
    server.metadata.joined(room, user)
