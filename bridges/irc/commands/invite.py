"""INVITE: asking somebody into a channel.

https://ircv3.net/specs/extensions/invite-notify

An invitation of somebody who moderates the channel opens it, once, whatever its modes; any other only tells of it.
Guests who see no channels come into those alone that are opened to them.
"""

from airchat.protocol.principals import Role
from bridges.irc.commands.channels import joined_room
from bridges.irc.commands.table import command
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.rooms import Room
from bridges.irc.presence.users import User
from bridges.irc.session import Session
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from hub.core.permissions import Action, allowed


@command("INVITE")
async def invite(session: Session, line: Line) -> None:
    """Invite somebody to a channel; without parameters, list the invitations the user has."""
    if not line.params:
        _list(session)
        return
    if len(line.params) == 1:
        session.reply(n.ERR_NEEDMOREPARAMS, "INVITE", "Not enough parameters")
        return
    target = session.server.users.by_nick(line.params[0])
    room = joined_room(session, line.params[1])
    if room is None:
        return
    if target is None:
        session.reply(n.ERR_NOSUCHNICK, line.params[0] or "*", "No such nick")
    elif room.has(target):
        session.reply(n.ERR_USERONCHANNEL, target.nick, room.name, "is already on channel")
    else:
        _invite(session, room, target)


def _invite(session: Session, room: Room, target: User) -> None:
    server, user = session.server, session.server.registered(session)
    if room.moderated_by(user) or allowed(user.principal, Action.MODERATE_CHANNELS):
        room.invite(target, server.now())
    elif "invite_only" in room.modes or target.principal.role is Role.GUEST:
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, "You're not a channel operator")
        return
    session.reply(n.RPL_INVITING, target.nick, room.name)
    if target.away_text is not None:
        session.reply(n.RPL_AWAY, target.nick, target.away_text)
    text = lines.text("INVITE", target.nick, room.name, source=user.mask)
    out = Outgoing(text, server.author_tags(user), at=server.now())
    for other in target.sessions:
        other.deliver(out)
    for other in room.audience():
        if other.user is not user and other.has("invite-notify"):
            other.deliver(out)


def _list(session: Session) -> None:
    user = session.server.registered(session)
    for room in session.server.rooms.all():
        if user.principal.id in room.invited:
            session.reply(n.RPL_INVITELIST, room.name)
    session.reply(n.RPL_ENDOFINVITELIST, "End of /INVITE list")
