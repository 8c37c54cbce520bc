"""MONITOR: watching for nicks.

https://ircv3.net/specs/extensions/monitor
"""

from collections.abc import Iterable, Iterator

from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.session import Session
from bridges.irc.support import MONITOR_LIMIT
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import casefold, is_nick

_LINE_BYTES = 400


@command("MONITOR", 1)
async def monitor(session: Session, line: Line) -> None:
    """Watch for nicks (`+`) or no longer (`-`, `C` for all), list them (`L`) or tell which are here (`S`)."""
    monitors, word = session.server.monitors, line.params[0].upper()
    nicks = [nick for nick in line.params[1].split(",") if nick] if len(line.params) > 1 else []
    if word in ("+", "-") and not nicks:
        session.reply(n.ERR_NEEDMOREPARAMS, "MONITOR", "Not enough parameters")
    elif word == "+":
        await _add(session, nicks)
    elif word == "-":
        for nick in nicks:
            monitors.remove(session, nick)
    elif word == "C":
        monitors.forget(session)
    elif word == "L":
        for row in _rows(monitors.targets(session)):
            session.reply(n.RPL_MONLIST, row)
        session.reply(n.RPL_ENDOFMONLIST, "End of MONITOR list")
    elif word == "S":
        _show(session, monitors.targets(session))


async def _add(session: Session, nicks: list[str]) -> None:
    """Watch for as many of the nicks as there is room for; what is no nick is nobody's."""
    monitors = session.server.monitors
    watched = {casefold(nick) for nick in monitors.targets(session)}
    shown, refused = [], []
    for nick in nicks:
        if is_nick(nick) and casefold(nick) not in watched:
            if len(watched) >= MONITOR_LIMIT:
                refused.append(nick)
                continue
            watched.add(casefold(nick))
            monitors.add(session, nick)
        shown.append(nick)
    _show(session, shown)
    for row in _rows(refused):
        session.reply(n.ERR_MONLISTFULL, str(MONITOR_LIMIT), row, "Monitor list is full")
    users = [session.server.users.by_nick(nick) for nick in shown if is_nick(nick)]
    await session.server.metadata.watched(session, [user for user in users if user is not None and user.sessions])


def _show(session: Session, nicks: Iterable[str]) -> None:
    """Tell which of the nicks are here and which are not."""
    here, gone = [], []
    for nick in nicks:
        user = session.server.users.by_nick(nick) if is_nick(nick) else None
        service = services.by_nick(nick)
        if service is not None:
            here.append(service.mask)
        elif user is not None and user.sessions:
            here.append(user.mask)
        else:
            gone.append(nick)
    for row in _rows(here):
        session.reply(n.RPL_MONONLINE, row)
    for row in _rows(gone):
        session.reply(n.RPL_MONOFFLINE, row)


def _rows(words: Iterable[str]) -> Iterator[str]:
    """Yield the words, joined by commas, in as few lines as hold them."""
    row = ""
    for word in words:
        if row and len(row) + len(word) >= _LINE_BYTES:
            yield row
            row = ""
        row = f"{row},{word}" if row else word
    if row:
        yield row
