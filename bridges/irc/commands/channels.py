"""Being in channels: JOIN, PART, TOPIC, NAMES."""

import re

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Role
from bridges.irc.commands.table import command
from bridges.irc.joining import members_lines, names_end, topic_lines
from bridges.irc.presence.rooms import Room
from bridges.irc.presence.users import User
from bridges.irc.session import Session
from bridges.irc.speech.pace import wait_for_reader, wait_for_turn
from bridges.irc.support import KICK_LIMIT, TOPIC_LIMIT
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import hub_channel_name, is_channel
from bridges.irc.wire.split import first
from hub.core.admission import Refused

_NEW_MODES = {"members_only": True, "topic_locked": True}
_CHANNELS = 100
_NAMED = 20
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6}(?:,[0-9a-fA-F]{6})?)?")
_REFUSALS = {
    "ban": n.ERR_BANNEDFROMCHAN,
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
        if name.startswith("#"):
            session.reply(n.ERR_NOSUCHCHANNEL, name, "No such channel")
        else:
            session.reply(n.ERR_BADCHANMASK, name or "*", "Names of channels begin with #")
        return
    room = server.visible_room(session, name)
    if room is not None and room.has(user):
        return
    if len(server.rooms.with_user(user)) >= _CHANNELS:
        session.reply(n.ERR_TOOMANYCHANNELS, name, "You have joined too many channels")
        return
    try:
        if room is None and user.principal.role is Role.GUEST:
            session.reply(n.ERR_NOSUCHCHANNEL, name, "Guests come into channels that an operator invites them to")
        elif room is None:
            await wait_for_turn(session)
            await _open(session, user, name)
        else:
            await _enter(session, user, room, key)
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        _refuse(session, room.name if room else name, error)


async def _open(session: Session, user: User, name: str) -> None:
    """Make the channel, with the user as its operator."""
    hub_name = hub_channel_name(name)
    modes = {} if session.aircd else dict(_NEW_MODES)  # there, whoever is not in it may post tasks
    metadata = {"irc_name": name} if f"#{hub_name}" != name else None
    async with session.server.causing((EventKind.MEMBER_JOINED, user.principal.id), session):
        channel = await session.server.hub.channels.open(user.principal, hub_name, modes=modes, metadata=metadata)
        await session.server.hub.bus.settled()
        if not session.server.hub.directory.is_member(user.principal.id, channel.id):
            await session.server.hub.channels.join(user.principal, hub_name, source=user.mask)
    await session.server.metadata.settled()


async def _enter(session: Session, user: User, room: Room, key: str | None) -> None:
    async with session.server.causing((EventKind.MEMBER_JOINED, user.principal.id), session):
        invited = user.principal.id in room.invited
        await session.server.hub.channels.join(
            user.principal, room.channel.name, key, invited=invited, source=user.mask
        )
    room.invited.pop(user.principal.id, None)
    await session.server.metadata.settled()


def _refuse(session: Session, name: str, error: HubError) -> None:
    if isinstance(error, Refused) and error.mode in _REFUSALS:
        session.reply(_REFUSALS[error.mode], name, error.naming(name))
    else:
        session.reply(n.ERR_NOSUCHCHANNEL, name, str(error))


@command("PART", 1)
async def part(session: Session, line: Line) -> None:
    """Leave channels."""
    reason = first(line.params[1], KICK_LIMIT) if len(line.params) > 1 else ""
    for name in line.params[0].split(","):
        room = joined_room(session, name)
        if room is not None:
            await leave(session, room, reason)


def joined_room(session: Session, name: str) -> Room | None:
    """Return the channel of that name, in which the client's user is; None when it was told why not."""
    room = session.server.visible_room(session, name)
    if room is None:
        session.reply(n.ERR_NOSUCHCHANNEL, name or "*", "No such channel")
    elif not room.has(session.server.registered(session)):
        session.reply(n.ERR_NOTONCHANNEL, room.name, "You're not on that channel")
        room = None
    return room


async def leave(session: Session, room: Room, reason: str) -> None:
    """Let the client's user leave a channel they are in."""
    user = session.server.registered(session)
    async with session.server.causing((EventKind.MEMBER_LEFT, user.principal.id), session):
        await session.server.hub.channels.leave(user.principal, room.channel.name, reason=reason or None)


@command("TOPIC", 1)
async def topic(session: Session, line: Line) -> None:
    """Show or change a channel's topic."""
    server, user = session.server, session.server.registered(session)
    room = server.visible_room(session, line.params[0])
    if room is None or not (server.rules.listed(room, user)):
        session.reply(n.ERR_NOSUCHCHANNEL, line.params[0] or "*", "No such channel")
    elif len(line.params) > 1:
        await _change_topic(session, line.params[0], line.params[1])
    else:
        inside = session.server.rules.shows_members(room, session.server.registered(session))
        found = topic_lines(session, room) if inside else []
        for out in found:
            session.send(out)
        if not found:
            session.reply(n.RPL_NOTOPIC, room.name, "No topic is set")


async def _change_topic(session: Session, name: str, text: str) -> None:
    """Change a channel's topic; the hub keeps no colours and no other control characters in it."""
    server, user = session.server, session.server.registered(session)
    room = joined_room(session, name)
    if room is None:
        return
    if server.rules.topic_locked(room, user):
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, "You're not a channel operator")
        return
    plain = "".join(char for char in _COLOURS.sub("", text) if char.isprintable())
    try:
        async with server.causing((EventKind.CHANNEL_CHANGED, user.principal.id, room.channel.id), session):
            await server.hub.channels.update(user.principal, room.channel.name, topic=first(plain, TOPIC_LIMIT))
    except Forbidden as error:
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, str(error))


@command("NAMES")
async def names(session: Session, line: Line) -> None:
    """List the members of channels; of all of them when none is named."""
    server, user = session.server, session.server.registered(session)
    if line.params:
        asked = [server.visible_room(session, name) for name in line.params[0].split(",")[:_NAMED]]
    else:
        asked = list(server.rooms.all())
    shown = [room for room in asked if room is not None and server.rules.shows_members(room, user)]
    for room in shown[:_CHANNELS]:
        for out in members_lines(session, room):
            session.send(out)
        await wait_for_reader(session)
    session.send(names_end(session, line.params[0] if line.params else "*"))
