"""REGISTER and VERIFY: making an account for oneself; NS and NICKSERV: talking to NickServ.

https://ircv3.net/specs/extensions/account-registration
"""

from bridges.irc.accounts import enrolment, nickserv
from bridges.irc.accounts.enrolment import Refused
from bridges.irc.accounts.identity import log_in
from bridges.irc.accounts.login import Login
from bridges.irc.commands.table import command
from bridges.irc.presence.users import spelled
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line


@command("REGISTER", 3, early=True)
async def register(session: Session, line: Line) -> None:
    """Make an account; `*` stands for the nick, and for no address. One is kept only where a code proves it."""
    name, email, password = line.params[:3]
    if name == "*":
        name = session.nick
    if name == "*":
        session.fail("REGISTER", "NEED_NICK", "*", text="Choose a nick first")
        return
    try:
        made = await enrolment.enrol(session, name, password, None if email == "*" else email)
    except Refused as error:
        session.fail("REGISTER", error.code, name, text=str(error))
        return
    if isinstance(made, Login):
        session.command("REGISTER", "SUCCESS", spelled(made.principal), "The account is made")
        await log_in(session, made)
    else:
        text = "A code was sent to your address: VERIFY the account with it within an hour"
        session.command("REGISTER", "VERIFICATION_REQUIRED", spelled(made), text)


async def nickserv_(session: Session, line: Line) -> None:
    """Say something to NickServ: what comes after the command, as it stands."""
    await nickserv.answer(session, " ".join(line.params))


command("NS")(nickserv_)
command("NICKSERV")(nickserv_)


@command("VERIFY", 2, early=True)
async def verify(session: Session, line: Line) -> None:
    """Make the account that waits for a code; `*` stands for the nick."""
    name, code = line.params[:2]
    if name in {"", "*"}:
        name = session.nick
    try:
        login = await enrolment.verify(session, name, code)
    except Refused as error:
        session.fail("VERIFY", error.code, name, text=str(error))
        return
    session.command("VERIFY", "SUCCESS", spelled(login.principal), "The account is made")
    await log_in(session, login)
