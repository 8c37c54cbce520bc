"""Read markers as clients are shown them: after a JOIN, and when another client of theirs moved one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airchat.protocol.events import Event
from airchat.protocol.timestamps import from_iso
from bridges.irc.log.past import target_name
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from bridges.irc.wire.timestamps import format_time

if TYPE_CHECKING:  # asked for users and channels
    from bridges.irc.presence.rooms import Room
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

CAPABILITY = "draft/read-marker"


def marker_text(at: int | None) -> str:
    """Return a marker as MARKREAD writes it."""
    return "*" if at is None else f"timestamp={format_time(at)}"


def show_marker(session: Session, room: Room, *, caused: bool) -> None:
    """Tell a client up to where its user has read a channel."""
    if session.has(CAPABILITY):
        at = session.server.registered(session).markers.get(room.channel.id)
        session.deliver(_line(session, room.name, at), caused=caused)


def marked(server: IrcServer, event: Event, row: dict[str, Any]) -> None:
    """Follow a marker that moved, and show it to the user's other clients."""
    user = server.users.of(event.actor_id or "")
    channel = server.hub.directory.channel(row["target"])
    if user is None or channel is None:
        return
    at = from_iso(row["at"])
    user.markers[channel.id] = at
    cause = server.cause_of(event.kind, event.actor_id, event.channel_id)
    for session in user.sessions:
        if session.has(CAPABILITY) and session is not cause:
            session.deliver(_line(session, target_name(session, channel), at))


def _line(session: Session, target: str, at: int | None) -> Outgoing:
    return Outgoing(lines.text("MARKREAD", target, marker_text(at), source=session.server_name))
