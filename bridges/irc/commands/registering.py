"""REGISTER and VERIFY: making an account for oneself; NS and NICKSERV: talking to NickServ.

https://ircv3.net/specs/extensions/account-registration
"""

from bridges.irc.accounts import nickserv
from bridges.irc.accounts.enrolment import Refused, enrol
from bridges.irc.accounts.identity import log_in
from bridges.irc.commands.table import command
from bridges.irc.presence.users import spelled
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line


@command("REGISTER", 3, early=True)
async def register(session: Session, line: Line) -> None:
    """Make an account; `*` stands for the nick. No address is needed, and none is kept: nothing proves whose it is."""
    name, _, password = line.params[:3]
    if name == "*":
        name = session.nick
    if name == "*":
        session.fail("REGISTER", "NEED_NICK", "*", text="Choose a nick first")
        return
    try:
        login = await enrol(session, name, password)
    except Refused as error:
        session.fail("REGISTER", error.code, name, text=str(error))
        return
    session.command("REGISTER", "SUCCESS", spelled(login.principal), "The account is made")
    await log_in(session, login)


async def nickserv_(session: Session, line: Line) -> None:
    """Say something to NickServ: what comes after the command, as it stands."""
    await nickserv.answer(session, " ".join(line.params))


command("NS")(nickserv_)
command("NICKSERV")(nickserv_)


@command("VERIFY", 2, early=True)
async def verify(session: Session, line: Line) -> None:
    """Refuse codes: accounts need none."""
    session.fail("VERIFY", "INVALID_CODE", line.params[0] or "*", text="No account waits for a code")
