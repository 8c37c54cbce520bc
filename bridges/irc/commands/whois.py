"""Who somebody is, and who somebody was: WHOIS and WHOWAS.

https://modern.ircdocs.horse/#whois-message
"""

from airchat.protocol.timestamps import SECOND, to_iso
from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.commands.usermodes import shown
from bridges.irc.log.metadata import show_profile
from bridges.irc.presence.rooms import Room
from bridges.irc.presence.users import HUB_HOST, User
from bridges.irc.services import Service
from bridges.irc.session import Session
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line

_ROW_BYTES = 350


@command("WHOIS")
async def whois(session: Session, line: Line) -> None:
    """Tell who somebody is: `WHOIS nick`, or `WHOIS server nick`."""
    nick = line.params[-1 if len(line.params) < 2 else 1].partition(",")[0] if line.params else ""
    if not nick:
        session.reply(n.ERR_NONICKNAMEGIVEN, "No nickname given")
        return
    service, user = services.by_nick(nick), session.server.users.by_nick(nick)
    if service is not None:
        _show_service(session, service)
        nick = service.nick
    elif user is None:
        session.reply(n.ERR_NOSUCHNICK, nick, "No such nick")
    else:
        await _show(session, user)
    session.reply(n.RPL_ENDOFWHOIS, user.nick if user is not None else nick, "End of WHOIS list")


def _show_service(session: Session, service: Service) -> None:
    config = session.server.config
    session.reply(n.RPL_WHOISUSER, service.nick, service.username, HUB_HOST, "*", service.realname)
    session.reply(n.RPL_WHOISSERVER, service.nick, config.server_name, config.network)
    session.reply(n.RPL_WHOISBOT, service.nick, f"is a bot on {config.network}")


async def _show(session: Session, user: User) -> None:
    server, viewer, nick = session.server, session.server.registered(session), user.nick
    session.reply(n.RPL_WHOISUSER, nick, user.username, user.host, "*", user.realname)
    for row in _channel_rows(session, viewer, user):
        session.reply(n.RPL_WHOISCHANNELS, nick, row)
    session.reply(n.RPL_WHOISSERVER, nick, server.config.server_name, server.config.network)
    if user.operator:
        session.reply(n.RPL_WHOISOPERATOR, nick, "is an IRC operator")
    if user.away_text is not None:
        session.reply(n.RPL_AWAY, nick, user.away_text)
    if user.account is not None:
        session.reply(n.RPL_WHOISACCOUNT, nick, user.account, "is logged in as")
    if user.bot:
        session.reply(n.RPL_WHOISBOT, nick, f"is a bot on {server.config.network}")
    if user.sessions:
        _show_connections(session, viewer, user)
    await show_profile(session, user)


def _show_connections(session: Session, viewer: User, user: User) -> None:
    """Tell how the user is connected; from where only to themselves and to operators."""
    if all(one.connection.secure for one in user.sessions):
        session.reply(n.RPL_WHOISSECURE, user.nick, "is using a secure connection")
    if viewer is user or viewer.operator:
        addresses = ", ".join(dict.fromkeys(one.connection.address for one in user.sessions))
        session.reply(n.RPL_WHOISHOST, user.nick, f"is connecting from {addresses}")
        session.reply(n.RPL_WHOISMODES, user.nick, f"is using modes +{''.join(sorted(shown(user)))}")
    idle = str((session.server.now() - user.idle_since) // SECOND)
    since = str(user.signed_on // SECOND)
    session.reply(n.RPL_WHOISIDLE, user.nick, idle, since, "seconds idle, signon time")


def _channel_rows(session: Session, viewer: User, user: User) -> list[str]:
    """Return where the user is, as far as the client may know: of the invisible, where both are."""
    rows = [""]
    for room in session.server.rooms.with_user(user):
        if not _shows(session, room, viewer, user):
            continue
        word = room.prefixes(user, all_of_them=session.has("multi-prefix")) + room.name
        if len(rows[-1].encode()) + len(word.encode()) >= _ROW_BYTES:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".lstrip()
    return [row for row in rows if row]


def _shows(session: Session, room: Room, viewer: User, user: User) -> bool:
    if viewer is user or viewer.operator:
        return True
    if room.has(viewer):
        return room.shows(viewer, user)
    return "i" not in user.modes and not room.hides(user) and session.server.rules.shows_members(room, viewer)


@command("WHOWAS", 1)
async def whowas(session: Session, line: Line) -> None:
    """Tell who had a nick, the last one first; as many as the second parameter says."""
    nick = line.params[0].partition(",")[0] or "*"
    count = line.params[1] if len(line.params) > 1 else ""
    limit = int(count) if count.isascii() and count.isdigit() and len(count) < 5 else 0
    found = session.server.whowas.find(nick, limit or None)
    if not found:
        session.reply(n.ERR_WASNOSUCHNICK, nick, "There was no such nick")
    for gone in found:
        session.reply(n.RPL_WHOWASUSER, gone.nick, gone.username, gone.host, "*", gone.realname)
        session.reply(n.RPL_WHOISSERVER, gone.nick, session.server.config.server_name, to_iso(gone.at))
    session.reply(n.RPL_ENDOFWHOWAS, nick, "End of WHOWAS")
