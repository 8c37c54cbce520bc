"""KICK: removing others from channels."""

from airchat.protocol.errors import Forbidden, NotFound
from airchat.protocol.events import EventKind
from bridges.irc.commands.channels import joined_room
from bridges.irc.commands.table import command
from bridges.irc.presence.rooms import Room
from bridges.irc.session import Session
from bridges.irc.support import KICK_LIMIT
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.split import first

_TARGETS = 20


@command("KICK", 2)
async def kick(session: Session, line: Line) -> None:
    """Remove members from a channel, or each from the channel that stands in its place."""
    channels, nicks = line.params[0].split(","), line.params[1].split(",")
    if len(channels) == 1:
        channels *= len(nicks)
    if len(channels) != len(nicks):
        session.reply(n.ERR_NEEDMOREPARAMS, "KICK", "There must be one channel, or as many as nicks")
        return
    reason = first(line.params[2], KICK_LIMIT) if len(line.params) > 2 else ""
    for name, nick in list(zip(channels, nicks, strict=True))[:_TARGETS]:
        room = joined_room(session, name)
        if room is not None:
            await _kick(session, room, nick, reason)


async def _kick(session: Session, room: Room, nick: str, reason: str) -> None:
    server, user = session.server, session.server.registered(session)
    target = server.users.by_nick(nick)
    if target is None:
        session.reply(n.ERR_NOSUCHNICK, nick or "*", "No such nick")
        return
    try:
        async with server.causing((EventKind.MEMBER_LEFT, target.principal.id), session):
            await server.hub.moderation.kick(user.principal, room.channel, target.principal, reason or None)
    except Forbidden as error:
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, str(error))
    except NotFound:
        session.reply(n.ERR_USERNOTINCHANNEL, target.nick, room.name, "They aren't on that channel")
