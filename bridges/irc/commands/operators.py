"""Operators of the server: OPER, KILL and WALLOPS.

Whoever logs in as an owner or admin of the hub is one, or says the name and password of the settings.
"""

from airchat.protocol.errors import HubError, Unauthenticated
from airchat.protocol.principals import Role
from bridges.irc.accounts.login import by_name
from bridges.irc.commands import usermodes
from bridges.irc.commands.table import command
from bridges.irc.outgoing import Outgoing
from bridges.irc.session import Session
from bridges.irc.support import KICK_LIMIT
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.modes import Change
from bridges.irc.wire.split import first

_RULERS = frozenset({Role.OWNER, Role.ADMIN})


@command("OPER", 2)
async def oper(session: Session, line: Line) -> None:
    """Become an operator with a name, and a password or token."""
    user = session.server.registered(session)
    if not await _is_operator(session, line.params[0], line.params[1]):
        session.reply(n.ERR_PASSWDMISMATCH, "Password incorrect")
        return
    session.reply(n.RPL_YOUREOPER, "You are now an IRC operator")
    usermodes.apply(session, user, (Change(add=True, letter="o"),), granted="o")


async def _is_operator(session: Session, name: str, password: str) -> bool:
    """Tell whether that proves an operator. The hub is asked first: it counts attempts, and refuses too many."""
    try:
        login = await by_name(session.server.hub.accounts, name, password, session.connection.address)
    except Unauthenticated:
        return _is_in_settings(session, name, password)
    except HubError:
        return False
    return login.principal.role in _RULERS and login.scope == "write"


def _is_in_settings(session: Session, name: str, password: str) -> bool:
    server, config = session.server, session.server.config
    if config.oper_name is None or config.oper_password is None:
        return False
    right_password = server.same_secret(password, config.oper_password)
    return server.same_secret(name, config.oper_name) and right_password


def _refused(session: Session) -> bool:
    """Tell whether the client is no operator; it is told so."""
    if session.server.registered(session).operator:
        return False
    session.reply(n.ERR_NOPRIVILEGES, "Permission Denied: you're not an IRC operator")
    return True


@command("KILL", 1)
async def kill(session: Session, line: Line) -> None:
    """End every connection of somebody."""
    server = session.server
    if _refused(session):
        return
    if line.params[0] == server.config.server_name:
        session.reply(n.ERR_CANTKILLSERVER, "You can't kill a server!")
        return
    target = server.users.by_nick(line.params[0])
    if target is None or not target.sessions:
        session.reply(n.ERR_NOSUCHNICK, line.params[0] or "*", "No such nick is connected")
        return
    killer = server.registered(session)
    reason = first(line.params[1], KICK_LIMIT) if len(line.params) > 1 and line.params[1] else "No reason given"
    out = Outgoing(lines.text("KILL", target.nick, reason, source=killer.mask), at=server.now())
    for other in list(target.sessions):
        other.deliver(out, caused=other is session)
        await server.attendance.quit(other, f"Killed ({killer.nick} ({reason}))")


@command("WALLOPS", 1)
async def wallops(session: Session, line: Line) -> None:
    """Say something to everybody who has mode w."""
    server = session.server
    if _refused(session):
        return
    out = Outgoing(lines.text("WALLOPS", line.params[0], source=server.registered(session).mask), at=server.now())
    for user in server.users.online():
        if "w" in user.modes:
            for other in user.sessions:
                other.deliver(out, caused=other is session)
