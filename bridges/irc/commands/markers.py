"""MARKREAD: up to where the user has read, kept in step over all of their clients.

https://ircv3.net/specs/extensions/read-marker
"""

from airchat.protocol.channels import Channel
from airchat.protocol.events import EventKind
from airchat.protocol.timestamps import MILLISECOND
from bridges.irc.commands.table import command
from bridges.irc.log.evidence import Named
from bridges.irc.log.markers import marker_text
from bridges.irc.log.targets import direct_with
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import parse_time


@command("MARKREAD")
async def markread(session: Session, line: Line) -> None:
    """Show or move a marker."""
    if not line.params or not line.params[0]:
        session.fail("MARKREAD", "NEED_MORE_PARAMS", text="Missing parameters")
        return
    target, user = line.params[0], session.server.registered(session)
    if len(line.params) == 1:
        channel = _known_channel(session, target)
        at = user.markers.get(channel.id) if channel is not None else None
        session.command("MARKREAD", target, marker_text(at))
        return
    kind, _, text = line.params[1].partition("=")
    try:
        at = parse_time(text) // MILLISECOND * MILLISECOND if kind == "timestamp" else None
    except ValueError:
        at = None
    channel = await _channel(session, target)
    if at is None or channel is None:
        session.fail("MARKREAD", "INVALID_PARAMS", target, text="There is no such target, or timestamp")
        return
    before = user.markers.get(channel.id, 0)
    async with session.server.causing((EventKind.READ_MARKED, user.principal.id, channel.id), session):
        stored = await session.server.hub.markers.move(user.principal, channel, at)
    user.markers[channel.id] = stored
    session.command("MARKREAD", target, marker_text(stored))
    if at > before:  # else it may be what another client has read
        await session.server.replays.shown(session, channel, Named(at=at))


def _known_channel(session: Session, target: str) -> Channel | None:
    user = session.server.registered(session)
    if not target.startswith("#"):
        return direct_with(session, target)
    room = session.server.visible_room(session, target)
    readable = room is not None and session.server.hub.directory.readable(user.principal, room.channel)
    return room.channel if room is not None and readable else None


async def _channel(session: Session, target: str) -> Channel | None:
    """Return the channel that a target means; a conversation that nobody has begun is made."""
    server = session.server
    known = _known_channel(session, target)
    other = None if target.startswith("#") else server.users.by_nick(target)
    if known is not None or other is None:
        return known
    return await server.hub.channels.direct_between(server.registered(session).principal, other.principal)
