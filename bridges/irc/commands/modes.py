"""MODE of channels: what holds in a channel, and who may do what there."""

from airchat.protocol.channels import LIST_LENGTH, LISTS, ROLES, ModeChange
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.timestamps import SECOND
from bridges.irc.commands import usermodes
from bridges.irc.commands.channels import joined_room
from bridges.irc.commands.table import command
from bridges.irc.log.moderation import mask_text
from bridges.irc.presence.rooms import Room
from bridges.irc.session import Session
from bridges.irc.support import MODES_PER_COMMAND
from bridges.irc.wire import masks, modes
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line

_SHOWN_LISTS = {
    "b": (("ban", "mute"), n.RPL_BANLIST, n.RPL_ENDOFBANLIST, "End of channel ban list"),
    "e": (("exception",), n.RPL_EXCEPTLIST, n.RPL_ENDOFEXCEPTLIST, "End of channel exception list"),
    "I": (("invitation",), n.RPL_INVEXLIST, n.RPL_ENDOFINVEXLIST, "End of channel invite exception list"),
}
_UNSAID = frozenset(",:")


@command("MODE", 1)
async def mode(session: Session, line: Line) -> None:
    """Show or change modes."""
    if line.params[0].startswith("#"):
        await _channel_mode(session, line.params)
    else:
        usermodes.change(session, line)


async def _channel_mode(session: Session, params: tuple[str, ...]) -> None:
    """Show or change a channel's modes, as MODE asks with these parameters."""
    server, user = session.server, session.server.registered(session)
    room = server.visible_room(session, params[0])
    if room is None or not server.rules.listed(room, user):
        session.reply(n.ERR_NOSUCHCHANNEL, params[0] or "*", "No such channel")
    elif len(params) == 1:
        await _show(session, room)
    else:
        request = modes.parse(params[1:], modes.CHANNEL)
        for letter in request.unknown:
            session.reply(n.ERR_UNKNOWNMODE, letter, "is unknown mode char to me")
        for letter in request.shown:
            _show_list(session, room, letter)
        if (request.changes or request.missing) and joined_room(session, params[0]) is not None:
            for letter in request.missing:
                session.reply(n.ERR_INVALIDMODEPARAM, room.name, letter, "*", "You must say a value")
            await _change(session, room, request.changes)


async def _show(session: Session, room: Room) -> None:
    """Show the modes; the key to members alone."""
    user = session.server.registered(session)
    letters = [letter for letter in modes.CHANNEL.flags if modes.WORDS[letter] in room.modes]
    values = []
    if "key" in room.modes:
        letters.append("k")
        key = await session.server.hub.moderation.key(user.principal, room.channel) if room.has(user) else None
        values.append(key or "*")
    if "limit" in room.modes:
        letters.append("l")
        values.append(str(room.modes["limit"]))
    session.reply(n.RPL_CHANNELMODEIS, room.name, f"+{''.join(letters)}", *values)
    session.reply(n.RPL_CREATIONTIME, room.name, str(room.channel.created_at // SECOND))


def _show_list(session: Session, room: Room, letter: str) -> None:
    words, numeric, end_numeric, end = _SHOWN_LISTS[letter]
    rows = [(mode, entry) for mode in words for entry in room.modes.get(LISTS[mode], ())]
    for mode, entry in sorted(rows, key=lambda row: row[1]["at"]):
        session.reply(numeric, room.name, mask_text(mode, entry["mask"]), entry["by"], str(entry["at"] // SECOND))
    session.reply(end_numeric, room.name, end)


async def _change(session: Session, room: Room, changes: tuple[modes.Change, ...]) -> None:
    """Make the changes, all or none but those that name nobody here."""
    server, user = session.server, session.server.registered(session)
    asked = [asked for one in changes[:MODES_PER_COMMAND] if (asked := _asked(session, room, one)) is not None]
    if not asked:
        return
    try:
        async with server.causing((EventKind.CHANNEL_MODES_CHANGED, user.principal.id, room.channel.id), session):
            await server.hub.moderation.change(user.principal, room.channel, asked)
    except Forbidden as error:
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, str(error))
    except InvalidInput as error:
        letter = modes.LETTERS.get(error.field or "", "*")
        session.reply(n.ERR_INVALIDMODEPARAM, room.name, letter, "*", str(error))
    except NotFound as error:
        session.reply(n.ERR_USERNOTINCHANNEL, "*", room.name, str(error))
    except Conflict:
        session.reply(n.ERR_BANLISTFULL, room.name, "*", f"The list has {LIST_LENGTH} masks, as many as it may")


def _asked(session: Session, room: Room, change: modes.Change) -> ModeChange | None:
    """Return the change in the hub's words; None when the client was told why there is none."""
    word, value = modes.WORDS[change.letter], change.value
    if word in ROLES:
        return _asked_role(session, room, change, word)
    if word in LISTS:
        mask = masks.parse(value or "")
        return ModeChange(change.add, "mute" if mask.mute and word == "ban" else word, mask.pattern)
    if word == "key" and change.add and value is not None and not _UNSAID.isdisjoint(value):
        session.reply(n.ERR_INVALIDMODEPARAM, room.name, "k", "*", "A key has no comma and no colon")
        return None
    return ModeChange(change.add, word, value)


def _asked_role(session: Session, room: Room, change: modes.Change, role: str) -> ModeChange | None:
    target = session.server.users.by_nick(change.value or "")
    if target is None:
        session.reply(n.ERR_NOSUCHNICK, change.value or "*", "No such nick")
    elif not room.has(target):
        session.reply(n.ERR_USERNOTINCHANNEL, target.nick, room.name, "They aren't on that channel")
    else:
        return ModeChange(change.add, role, target.principal.id)
    return None
