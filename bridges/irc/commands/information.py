"""What the server says of itself: MOTD, LUSERS, INFO, VERSION, TIME, ADMIN, LINKS, ISUPPORT, HELP and HELPOP."""

from datetime import UTC, datetime

from airchat.protocol.masks import matches
from airchat.protocol.principals import Role
from airchat.protocol.timestamps import SECOND, to_iso
from bridges.irc.commands.table import COMMANDS, command
from bridges.irc.session import Session
from bridges.irc.welcome import show_lusers, show_motd, show_support
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line

_ROW = 70
_OWNERS = 5


def _elsewhere(session: Session, line: Line) -> bool:
    """Tell whether the client asks another server than this one; it is told that there is none."""
    if not line.params:
        return False
    asked = line.params[0]
    if matches(asked, session.server.config.server_name) or session.server.users.by_nick(asked) is not None:
        return False
    session.reply(n.ERR_NOSUCHSERVER, asked or "*", "No such server")
    return True


@command("MOTD")
async def motd(session: Session, line: Line) -> None:
    """Show the message of the day."""
    if not _elsewhere(session, line):
        show_motd(session)


@command("LUSERS")
async def lusers(session: Session, _: Line) -> None:
    """Tell how many are here."""
    show_lusers(session)


@command("VERSION")
async def version(session: Session, line: Line) -> None:
    """Tell which version runs, and what it supports."""
    if not _elsewhere(session, line):
        config = session.server.config
        session.reply(n.RPL_VERSION, config.version, config.server_name, "A hub for people and agents")
        show_support(session)


@command("INFO")
async def info(session: Session, line: Line) -> None:
    """Tell what this server is."""
    if _elsewhere(session, line):
        return
    server = session.server
    session.reply(n.RPL_INFO, f"{server.config.version}: people and agents in the same channels")
    session.reply(n.RPL_INFO, "Everything said here is kept, and found by search, on the web and by programs")
    session.reply(n.RPL_INFO, f"On line since {to_iso(server.started_at)}")
    session.reply(n.RPL_ENDOFINFO, "End of INFO list")


@command("TIME")
async def time(session: Session, line: Line) -> None:
    """Tell the server's time, in UTC."""
    if _elsewhere(session, line):
        return
    seconds = session.server.now() // SECOND
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%A %d %B %Y, %H:%M:%S UTC")
    session.reply(n.RPL_TIME, session.server.config.server_name, str(seconds), "0", shown)


@command("ADMIN")
async def admin(session: Session, line: Line) -> None:
    """Tell who owns this hub."""
    if _elsewhere(session, line):
        return
    server, config = session.server, session.server.config
    everybody = server.hub.directory.principals()
    owners = sorted(one.name for one in everybody if one.active and one.role is Role.OWNER)
    if not owners:
        session.reply(n.ERR_NOADMININFO, config.server_name, "No administrative info available")
        return
    session.reply(n.RPL_ADMINME, config.server_name, "Administrative info")
    session.reply(n.RPL_ADMINLOC1, config.network)
    session.reply(n.RPL_ADMINLOC2, f"Owned by {', '.join(owners[:_OWNERS])}: write to them here")


@command("LINKS")
async def links(session: Session, _: Line) -> None:
    """List the servers that this one is linked with: none."""
    session.reply(n.RPL_ENDOFLINKS, "*", "End of LINKS list")


@command("ISUPPORT", early=True)
async def isupport(session: Session, _: Line) -> None:
    """Tell what the server supports, before registration as well.

    https://ircv3.net/specs/extensions/extended-isupport
    """
    show_support(session)


@command("HELP")
async def help_(session: Session, line: Line) -> None:
    """Tell what a command does, or which there are."""
    _help(session, line)


@command("HELPOP")
async def helpop(session: Session, line: Line) -> None:
    """Tell what a command does, or which there are."""
    _help(session, line)


def _help(session: Session, line: Line) -> None:
    subject = line.params[0].upper() if line.params and line.params[0] else ""
    if subject and subject not in COMMANDS:
        session.reply(n.ERR_HELPNOTFOUND, line.params[0], "There is no such command")
        return
    if subject:
        title, text = f"The command {subject}", [COMMANDS[subject].handler.__doc__ or ""]
    else:
        title, text = "Commands of this server", _index()
    session.reply(n.RPL_HELPSTART, subject or "index", title)
    for row in filter(None, map(str.strip, "\n".join(text).splitlines())):
        session.reply(n.RPL_HELPTXT, subject or "index", row)
    end = "End of help" if subject else "Ask with HELP and a command's name"
    session.reply(n.RPL_ENDOFHELP, subject or "index", end)


def _index() -> list[str]:
    rows = [""]
    for name in sorted(COMMANDS):
        if len(rows[-1]) + len(name) >= _ROW:
            rows.append("")
        rows[-1] = f"{rows[-1]} {name}".lstrip()
    return rows
