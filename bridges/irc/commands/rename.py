"""RENAME: another name for a channel.

https://ircv3.net/specs/extensions/channel-rename
"""

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput
from airchat.protocol.events import EventKind
from bridges.irc.commands.channels import joined_room
from bridges.irc.commands.table import command
from bridges.irc.session import Session
from bridges.irc.support import KICK_LIMIT
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import hub_channel_name, is_channel
from bridges.irc.wire.split import first


@command("RENAME", 2)
async def rename(session: Session, line: Line) -> None:
    """Give a channel another name; its members and history stay."""
    server, user = session.server, session.server.registered(session)
    room = joined_room(session, line.params[0])
    if room is None:
        return
    name = line.params[1]
    reason = first(line.params[2], KICK_LIMIT) if len(line.params) > 2 else ""
    if not is_channel(name):
        session.fail("RENAME", "CANNOT_RENAME", room.name, name or "*", text="No channel can have that name")
        return
    try:
        async with server.causing((EventKind.CHANNEL_RENAMED, user.principal.id, room.channel.id), session):
            await server.hub.moderation.rename(
                user.principal, room.channel, hub_channel_name(name), reason or None, metadata={"irc_name": name}
            )
    except Forbidden:
        session.reply(n.ERR_CHANOPRIVSNEEDED, room.name, "You're not a channel operator")
    except Conflict:
        session.fail("RENAME", "CHANNEL_NAME_IN_USE", room.name, name, text="There is a channel of that name")
    except InvalidInput as error:
        session.fail("RENAME", "CANNOT_RENAME", room.name, name, text=str(error))
