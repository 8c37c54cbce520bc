"""Commands about the connection itself: PASS, NICK, USER, PING, PONG, QUIT."""

import asyncio

from bridges.irc.accounts.login import split_device
from bridges.irc.accounts.nicks import can_be_called, nick_taken
from bridges.irc.accounts.registration import try_register
from bridges.irc.aircd.recognition import expect_user_name, recognise
from bridges.irc.commands.table import command
from bridges.irc.session import Session
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import casefold, is_nick

_ROUNDS = 2
"""Rounds of the loop until every line is under way that was read with the PING: by WebSocket it takes one more."""


@command("PASS", 1, early=True)
async def pass_(session: Session, line: Line) -> None:
    """Take a password, token or `account:secret`; it is looked at when the client is otherwise complete."""
    if session.introduction is None:
        session.reply(n.ERR_ALREADYREGISTERED, "You may not reregister")
        return
    session.introduction.password = line.params[-1]
    expect_user_name(session)
    await try_register(session)


@command("USER", 4, early=True)
async def user(session: Session, line: Line) -> None:
    """Take the client's user name and real name."""
    intro = session.introduction
    if intro is None:
        session.reply(n.ERR_ALREADYREGISTERED, "You may not reregister")
        return
    if not line.params[0] or not line.params[3]:
        session.reply(n.ERR_NEEDMOREPARAMS, "USER", "Not enough parameters")
        return
    intro.username, device = split_device(line.params[0])
    intro.device = intro.device or device
    intro.realname = line.params[3]
    recognise(session)
    await try_register(session)


@command("NICK", early=True)
async def nick(session: Session, line: Line) -> None:
    """Take or change the client's nick."""
    wanted = line.params[0] if line.params else ""
    if not wanted:
        session.reply(n.ERR_NONICKNAMEGIVEN, "No nickname given")
    elif not is_nick(wanted):
        session.reply(n.ERR_ERRONEUSNICKNAME, wanted if " " not in wanted else "*", "Erroneous nickname")
    elif session.introduction is not None:
        session.introduction.nick = wanted
        expect_user_name(session)
        await try_register(session)
    else:
        await _change(session, wanted)


async def _change(session: Session, wanted: str) -> None:
    user = session.server.registered(session)
    if wanted == user.nick:
        return
    server = session.server
    if not user.guest and not server.config.free_nicks:
        session.reply(n.ERR_ERRONEUSNICKNAME, wanted, f"You are {user.nick}: an account keeps its name")
        return
    if not can_be_called(wanted, user):
        session.reply(n.ERR_ERRONEUSNICKNAME, wanted, "Erroneous nickname")
        return
    if nick_taken(server, wanted, user):
        session.reply(n.ERR_NICKNAMEINUSE, wanted, "Nickname is already in use")
        return
    if user.guest and casefold(wanted) != casefold(user.nick):
        server.reserve(wanted)
        try:
            await server.hub.guests.rename(user.principal, wanted)
        finally:
            server.release(wanted)
    server.renamed(session, user, wanted)


@command("PING", early=True)
async def ping(session: Session, line: Line) -> None:
    """Answer with the same token, when everything that anybody did before can be seen."""
    if not line.params:
        session.reply(n.ERR_NEEDMOREPARAMS, "PING", "Not enough parameters")
        return
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
    await session.server.caught_up()
    token = " ".join(line.params) if session.aircd else line.params[0]
    session.command("PONG", session.server_name, token)


@command("PONG", early=True)
async def pong(session: Session, line: Line) -> None:
    """Take note that the client lives and has read everything before the PING."""
    if line.params:
        session.server.replays.ponged(session, line.params[-1])


@command("QUIT", early=True)
async def quit_(session: Session, line: Line) -> None:
    """End the session at the client's wish."""
    reason = line.params[0] if line.params and line.params[0] else ""
    await session.server.attendance.quit(session, f"Quit: {reason}" if reason else "Quit")
