"""CAP: what a client and the server agree to use.

https://ircv3.net/specs/extensions/capability-negotiation
"""

from bridges.irc.accounts.registration import try_register
from bridges.irc.capabilities import NOTIFY, STS, offered
from bridges.irc.commands.table import command
from bridges.irc.session import Session
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line

_VALUES_SINCE = 302
_LINE_BYTES = 510


@command("CAP", early=True)
async def cap(session: Session, line: Line) -> None:
    """Answer LS, LIST, REQ and END."""
    if not line.params:
        session.reply(n.ERR_NEEDMOREPARAMS, "CAP", "Not enough parameters")
        return
    subcommand, rest = line.params[0].upper(), line.params[1:]
    if session.introduction is not None and subcommand in ("LS", "REQ"):
        session.introduction.negotiating = True
    if subcommand == "LS":
        _list_offered(session, rest)
    elif subcommand == "LIST":
        _tell(session, "LIST", sorted(session.capabilities))
    elif subcommand == "REQ":
        _request(session, rest[-1] if rest else "")
    elif subcommand == "END":
        if session.introduction is not None:
            session.introduction.negotiating = False
            await try_register(session)
    else:
        session.reply(n.ERR_INVALIDCAPCMD, line.params[0] or "*", "Invalid CAP command")


def _offered(session: Session) -> dict[str, str]:
    return offered(session.server.config, session.connection)


def _list_offered(session: Session, params: tuple[str, ...]) -> None:
    version = int(params[0]) if params and params[0].isdigit() else 0
    session.cap_version = max(session.cap_version, version)
    words = _offered(session)
    if session.cap_version < _VALUES_SINCE:
        session.command("CAP", session.nick, "LS", " ".join([*words, NOTIFY]))
        return
    session.capabilities.add(NOTIFY)
    _tell(session, "LS", [f"{name}={value}" if value else name for name, value in words.items()])


def _tell(session: Session, subcommand: str, words: list[str]) -> None:
    """Send a list, in several lines to who can take them."""
    space = _LINE_BYTES - len(f":{session.server_name} CAP {session.nick} {subcommand} * :")
    rows: list[str] = [""]
    for word in words:
        if rows[-1] and len(rows[-1]) + len(word) >= space and session.cap_version >= _VALUES_SINCE:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    for row in rows[:-1]:
        session.command("CAP", session.nick, subcommand, "*", row)
    session.command("CAP", session.nick, subcommand, rows[-1])


def _request(session: Session, text: str) -> None:
    known = {*_offered(session), NOTIFY} - {STS}
    wanted = set(session.capabilities)
    for word in text.split():
        name = word.removeprefix("-")
        if name not in known or (word.startswith("-") and name == NOTIFY and session.cap_version >= _VALUES_SINCE):
            session.command("CAP", session.nick, "NAK", text)
            return
        if word.startswith("-"):
            wanted.discard(name)
        else:
            wanted.add(name)
    session.command("CAP", session.nick, "ACK", text)
    session.set_capabilities(wanted)
