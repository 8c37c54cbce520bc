"""Being in channels: JOIN, PART, TOPIC, NAMES."""

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from bridges.irc.commands.table import command
from bridges.irc.joining import names_lines, topic_lines
from bridges.irc.rooms import Room
from bridges.irc.session import Session
from bridges.irc.support import TOPIC_LIMIT
from bridges.irc.users import User
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import hub_channel_name, is_channel
from bridges.irc.wire.split import first
from hub.core.admission import Refused

_NEW_MODES = {"members_only": True, "topic_locked": True}
_CHANNELS = 100
_REFUSALS = {
    "invite_only": n.ERR_INVITEONLYCHAN,
    "key": n.ERR_BADCHANNELKEY,
    "limit": n.ERR_CHANNELISFULL,
    "registered_only": n.ERR_NEEDREGGEDNICK,
}


@command("JOIN", 1)
async def join(session: Session, line: Line) -> None:
    """Join channels, each with its key; `0` leaves all."""
    user = session.server.registered(session)
    if line.params[0] == "0":
        for room in session.server.rooms.with_user(user):
            await leave(session, room, "")
        return
    keys = line.params[1].split(",") if len(line.params) > 1 else []
    for number, name in enumerate(line.params[0].split(",")):
        await _join_one(session, user, name, keys[number] if number < len(keys) else None)


async def _join_one(session: Session, user: User, name: str, key: str | None) -> None:
    server = session.server
    if not is_channel(name):
        session.reply(
            n.ERR_NOSUCHCHANNEL if name.startswith("#") else n.ERR_BADCHANMASK, name or "*", "No such channel"
        )
        return
    room = server.rooms.by_name(name)
    if room is not None and room.has(user):
        return
    if len(server.rooms.with_user(user)) >= _CHANNELS:
        session.reply(n.ERR_TOOMANYCHANNELS, name, "You have joined too many channels")
        return
    try:
        if room is None:
            await _open(session, user, name)
        else:
            await _enter(session, user, room, key)
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        _refuse(session, room.name if room else name, error)


async def _open(session: Session, user: User, name: str) -> None:
    """Make the channel, with the user as its operator."""
    hub_name = hub_channel_name(name)
    metadata = {"irc_name": name} if f"#{hub_name}" != name else None
    with session.server.causing((EventKind.MEMBER_JOINED, user.principal.id), session):
        channel = await session.server.hub.channels.open(
            user.principal, hub_name, modes=dict(_NEW_MODES), metadata=metadata
        )
        if not session.server.hub.directory.is_member(user.principal.id, channel.id):
            await session.server.hub.channels.join(user.principal, hub_name)


async def _enter(session: Session, user: User, room: Room, key: str | None) -> None:
    with session.server.causing((EventKind.MEMBER_JOINED, user.principal.id), session):
        invited = user.principal.id in room.invited
        await session.server.hub.channels.join(
            user.principal, room.channel.name, key, invited=invited, source=user.mask
        )
    room.invited.discard(user.principal.id)


def _refuse(session: Session, name: str, error: HubError) -> None:
    if isinstance(error, Refused) and error.mode in _REFUSALS:
        session.reply(_REFUSALS[error.mode], name, str(error))
    elif isinstance(error, Forbidden):
        session.reply(n.ERR_BANNEDFROMCHAN, name, str(error))
    else:
        session.reply(n.ERR_NOSUCHCHANNEL, name, str(error))


@command("PART", 1)
async def part(session: Session, line: Line) -> None:
    """Leave channels."""
    reason = line.params[1] if len(line.params) > 1 else ""
    user = session.server.registered(session)
    for name in line.params[0].split(","):
        room = session.server.visible_room(session, name)
        if room is None:
            session.reply(n.ERR_NOSUCHCHANNEL, name or "*", "No such channel")
        elif not room.has(user):
            session.reply(n.ERR_NOTONCHANNEL, room.name, "You're not on that channel")
        else:
            await leave(session, room, reason)


async def leave(session: Session, room: Room, reason: str) -> None:
    """Let the client's user leave a channel they are in."""
    user = session.server.registered(session)
    with session.server.causing((EventKind.MEMBER_LEFT, user.principal.id), session):
        await session.server.hub.channels.leave(user.principal, room.channel.name, reason=reason or None)


@command("TOPIC", 1)
async def topic(session: Session, line: Line) -> None:
    """Show or change a channel's topic."""
    server, user = session.server, session.server.registered(session)
    room = server.visible_room(session, line.params[0])
    if room is None or not (server.rules.listed(room, user)):
        session.reply(n.ERR_NOSUCHCHANNEL, line.params[0] or "*", "No such channel")
    elif not room.has(user) and len(line.params) > 1:
        session.reply(n.ERR_NOTONCHANNEL, room.name, "You're not on that channel")
    elif len(line.params) == 1:
        found = topic_lines(session, room)
        for out in found:
            session.send(out)
        if not found:
            session.reply(n.RPL_NOTOPIC, room.name, "No topic is set")
    elif server.rules.topic_locked(room, user):
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, "You're not a channel operator")
    else:
        with server.causing((EventKind.CHANNEL_CHANGED, user.principal.id, room.channel.id), session):
            await server.hub.channels.update(
                user.principal, room.channel.name, topic=first(line.params[1], TOPIC_LIMIT)
            )


@command("NAMES")
async def names(session: Session, line: Line) -> None:
    """List the members of channels."""
    user = session.server.registered(session)
    if not line.params:
        session.reply(n.RPL_ENDOFNAMES, "*", "End of /NAMES list")
        return
    for name in line.params[0].split(","):
        room = session.server.visible_room(session, name)
        if room is None or not session.server.rules.listed(room, user):
            session.reply(n.RPL_ENDOFNAMES, name or "*", "End of /NAMES list")
            continue
        for out in names_lines(session, room):
            session.send(out)
