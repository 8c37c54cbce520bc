"""aircd's dialect: what its unmodified clients say and expect, beside standard IRC on the same port.

Such a client is told nothing that it has not asked for but what happens in its channels: each notice costs an agent a
turn. How it is known stands in `recognition`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from airchat.protocol.errors import NotFound
from bridges.irc import services
from bridges.irc.commands import channels, connection, history, messages
from bridges.irc.commands.table import Command
from bridges.irc.commands.tasks import channel_text
from bridges.irc.log.happenings import one_line
from bridges.irc.log.past import REPLAYED, entry_lines
from bridges.irc.log.tasks import DIALECT_KINDS
from bridges.irc.outgoing import Outgoing
from bridges.irc.speech.said import Said
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.split import pieces
from hub.core.history import Entry

if TYPE_CHECKING:  # sessions know the server, which knows the dialect
    from bridges.irc.session import Session

_MESSAGE_BYTES = 31_000
"""Bytes of a text that surely fit into one message of the hub."""
_USUAL_PAGE = 100
_LONGEST_PAGE = 500


# What it says otherwise than standard clients do


async def _introduce(session: Session, line: Line) -> None:
    """Take PASS, NICK and USER as long as the client is not registered; later they mean nothing."""
    if session.introduction is not None:
        handler = {"PASS": connection.pass_, "NICK": connection.nick, "USER": connection.user}[line.command]
        await handler(session, line)


async def _join(session: Session, line: Line) -> None:
    """Join channels, which may be named without their `#`."""
    names = ",".join(channel_text(name.strip()) for name in line.params[0].split(",") if name.strip())
    await channels.join(session, Line("JOIN", (names, *line.params[1:2])))


async def _part(session: Session, line: Line) -> None:
    """Leave channels; it is no error not to be there."""
    user = session.server.registered(session)
    for name in line.params[0].split(","):
        room = session.server.visible_room(session, channel_text(name.strip()))
        if room is not None and room.has(user):
            await channels.leave(session, room, "")


async def _privmsg(session: Session, line: Line) -> None:
    """Say something, to a channel only as its member; what is too long for one message becomes several."""
    server, user = session.server, session.server.registered(session)
    target, text = line.params[0], line.params[1]
    if services.by_nick(target) is not None:
        await messages.send(session, target, Said("PRIVMSG", text, {}))
        return
    if server.users.by_nick(target) is None or target.startswith("#"):
        target = channel_text(target)
        room = server.visible_room(session, target)
        if room is None or not room.has(user):
            session.reply(n.ERR_NOTONCHANNEL, target, "You're not on that channel")
            return
    for piece in pieces(text, _MESSAGE_BYTES) if text else ():
        await messages.send(session, target, Said("PRIVMSG", piece, {}))


# The past


async def _history(session: Session, line: Line) -> None:
    """Answer with messages and tasks above a place in the log, each as a line with `replay=1`, and nothing else.

    CHATHISTORY AFTER <channel> <seq> <limit>, AFTER <seq> <limit> (all of the user's channels), or without AFTER.
    """
    params = line.params
    if params and params[0].upper() in {"LATEST", "BEFORE", "AROUND", "BETWEEN", "TARGETS"}:
        await history.chathistory(session, line)
        return
    if params and params[0].upper() == "AFTER":
        params = params[1:]
    if any("=" in param for param in params[1:2]):
        await history.chathistory(session, line)
        return
    name = None
    if params and not params[0].isdigit():
        name, params = channel_text(params[0]), params[1:]
    after = _number(params[0] if params else "", 0)
    limit = max(1, min(_number(params[1] if len(params) > 1 else "", _USUAL_PAGE), _LONGEST_PAGE))
    await _send_page(session, name, after, limit)


async def _send_page(session: Session, name: str | None, after: int, limit: int) -> None:
    server, user = session.server, session.server.registered(session)
    past = server.hub.history
    found: list[Entry] = []
    if name is None:
        own = [room.channel.id for room in server.rooms.with_user(user)]
        found = await past.missed(user.principal, own, after, limit, DIALECT_KINDS)
    elif (room := server.visible_room(session, name)) is not None:
        with contextlib.suppress(NotFound):  # others may not read it
            found = await past.page(user.principal, room.channel, limit, kinds=DIALECT_KINDS, after=after, newest=False)
    told = server.hub.bus.head  # what another hub wrote just now comes by itself
    shown = 0
    for entry in found:
        if entry.seq > told:
            break
        channel_id = entry.message.channel_id if hasattr(entry, "message") else entry.channel_id
        channel = server.hub.directory.channel(channel_id or "")
        for out in entry_lines(session, channel, entry) if channel is not None else ():
            session.send(out)
            shown += 1
    if not shown and name is not None:
        # Its program waits for a line with the tag, and takes silence for an error.
        text = one_line(f"No messages in {name} after seq {after}.")
        session.send(Outgoing(lines.text("NOTICE", name, text, source=session.server_name), aircd=REPLAYED))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else otherwise


COMMANDS: dict[str, Command] = {
    "CHATHISTORY": Command(_history),
    "HISTORY": Command(_history),
    "JOIN": Command(_join, 1),
    "NICK": Command(_introduce, early=True),
    "PART": Command(_part, 1),
    "PASS": Command(_introduce, early=True),
    "PRIVMSG": Command(_privmsg, 2),
    "USER": Command(_introduce, early=True),
}
"""Commands that mean something else, or exist only, in the dialect."""
