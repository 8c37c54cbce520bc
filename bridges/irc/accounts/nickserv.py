"""NickServ: accounts for those who expect to talk to somebody about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError
from bridges.irc.accounts.enrolment import Refused, enrol, verify
from bridges.irc.accounts.identity import log_in
from bridges.irc.accounts.login import Login, by_name

if TYPE_CHECKING:  # whom it answers
    from bridges.irc.session import Session

_MASK = "NickServ!services@hub"
_HELP = (
    "REGISTER password [e-mail]: make an account with the name of your nick; if an address is needed, it gets a code",
    "VERIFY account code: finish that with the code",
    "IDENTIFY [account] password: log in to your account",
    "CERT ADD: log in by the client certificate of this connection from now on (SASL EXTERNAL)",
    "SET ALWAYS-ON: accounts are always in their channels here; there is nothing to set",
)


async def answer(session: Session, text: str) -> None:
    """Answer what somebody says to NickServ."""
    words = text.split()
    handler = _COMMANDS.get(words[0].upper() if words else "", _help)
    await handler(session, words[1:])


def _say(session: Session, text: str) -> None:
    session.command("NOTICE", session.nick, text, source=_MASK)


async def _help(session: Session, words: list[str]) -> None:
    del words
    for row in _HELP:
        _say(session, row)


async def _register(session: Session, words: list[str]) -> None:
    if not words:
        _say(session, _HELP[0])
        return
    try:
        made = await enrol(session, session.nick, words[0], words[1] if len(words) > 1 else None)
    except Refused as error:
        _say(session, str(error))
        return
    if isinstance(made, Login):
        await _made(session, made)
    else:
        _say(session, f"A code was sent to your address. Say VERIFY {made.name} and the code within an hour")


async def _verify(session: Session, words: list[str]) -> None:
    if len(words) != 2:
        _say(session, _HELP[1])
        return
    try:
        login = await verify(session, *words)
    except Refused as error:
        _say(session, str(error))
        return
    await _made(session, login)


async def _made(session: Session, login: Login) -> None:
    _say(session, f"The account {login.principal.name} is made, and you are logged in to it")
    await log_in(session, login)


async def _identify(session: Session, words: list[str]) -> None:
    if not words:
        _say(session, _HELP[2])
        return
    name = words[0] if len(words) > 1 else session.nick
    try:
        login = await by_name(session.server.hub.accounts, name, words[-1], session.connection.address)
    except HubError as error:
        _say(session, str(error))
        return
    _say(session, f"You are logged in as {login.principal.name}")
    await log_in(session, login)


async def _set(session: Session, words: list[str]) -> None:
    if words[:1] and words[0].upper() == "ALWAYS-ON":
        _say(session, "Accounts are always on: members of their channels whether or not they are connected")
    else:
        _say(session, _HELP[4])


async def _certificate(session: Session, words: list[str]) -> None:
    user, certificate = session.server.registered(session), session.connection.certificate
    if [word.upper() for word in words] != ["ADD"]:
        _say(session, _HELP[3])
    elif user.guest:
        _say(session, "Log in first")
    elif certificate is None:
        _say(session, "Your client showed no certificate when it connected")
    else:
        try:
            await session.server.hub.accounts.add_certificate(user.principal, certificate, "irc")
        except HubError as error:
            _say(session, str(error))
            return
        _say(session, f"You can log in by the certificate {certificate}")


_COMMANDS: dict[str, Callable[[Session, list[str]], Awaitable[None]]] = {
    "HELP": _help,
    "REGISTER": _register,
    "VERIFY": _verify,
    "IDENTIFY": _identify,
    "CERT": _certificate,
    "SET": _set,
}
