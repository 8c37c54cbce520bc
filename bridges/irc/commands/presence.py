"""Being here or not: AWAY, ISON, USERHOST and SETNAME."""

from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.users import ABSENT, User
from bridges.irc.session import Session
from bridges.irc.support import AWAY_LIMIT, NAME_LIMIT
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.split import first

PRE_AWAY = "draft/pre-away"
"""https://ircv3.net/specs/extensions/pre-away"""

_ASKED = 5
_ISON_BYTES = 400


@command("AWAY", early=True)
async def away(session: Session, line: Line) -> None:
    """Be away with a reason, or back without one; a person is away when all their sessions are."""
    user = session.user
    if user is None and not session.has(PRE_AWAY):
        session.reply(n.ERR_NOTREGISTERED, "You have not registered")
        return
    before = user.away_text if user is not None else None
    text = first(line.params[0], AWAY_LIMIT) if line.params else ""
    session.away = await session.server.hub.presence.clean(text or None, AWAY_LIMIT)
    if session.away is None:
        session.reply(n.RPL_UNAWAY, "You are no longer marked as being away")
    elif session.away == ABSENT:
        session.reply(n.RPL_NOWAWAY, "This connection does not count as your being here")
    else:
        session.reply(n.RPL_NOWAWAY, "You have been marked as being away")
    if user is not None and user.away_text != before:
        session.server.show_away(user)


@command("ISON", 1)
async def ison(session: Session, line: Line) -> None:
    """Tell which of these nicks are here."""
    found: list[str] = []
    size = 0
    for nick in " ".join(line.params).split():
        user, service = session.server.users.by_nick(nick), services.by_nick(nick)
        here = service.nick if service is not None else user.nick if user is not None and user.sessions else None
        if here is not None and size + len(here) < _ISON_BYTES:
            found.append(here)
            size += len(here) + 1
    session.reply(n.RPL_ISON, " ".join(found))


@command("USERHOST", 1)
async def userhost(session: Session, line: Line) -> None:
    """Tell user names and hosts of up to five nicks, whether they are operators and whether they are away."""
    found = (_found(session, nick) for nick in " ".join(line.params).split()[:_ASKED])
    session.reply(n.RPL_USERHOST, " ".join(shown for shown in found if shown is not None))


def _found(session: Session, nick: str) -> str | None:
    service, user = services.by_nick(nick), session.server.users.by_nick(nick)
    if service is not None:
        return f"{service.nick}=+{service.mask.partition('!')[2]}"
    return _shown(user) if user is not None else None


def _shown(user: User) -> str:
    star = "*" if user.operator else ""
    sign = "+" if user.away_text is None else "-"
    return f"{user.nick}{star}={sign}{user.username}@{user.host}"


@command("SETNAME", 1)
async def setname(session: Session, line: Line) -> None:
    """Change the real name.

    https://ircv3.net/specs/extensions/setname
    """
    server, user = session.server, session.server.registered(session)
    name = line.params[0]
    if not name.strip() or len(name.encode()) > NAME_LIMIT:
        session.fail("SETNAME", "INVALID_REALNAME", text=f"A real name has 1 to {NAME_LIMIT} bytes")
        return
    user.realname = name
    out = Outgoing(lines.text("SETNAME", name, source=user.mask), server.author_tags(user), at=server.now())
    for other in server.neighbours(user) | server.monitors.extended(user):
        if other.has("setname"):
            other.deliver(out, caused=other is session)
