"""From connecting to being somebody: what a client says of itself, until that is enough."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError, RateLimited, Unavailable
from bridges.irc.accounts.identity import introduced
from bridges.irc.accounts.login import Login, by_pass, still_good
from bridges.irc.welcome import welcome
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # sessions hold an introduction
    from bridges.irc.session import Session

AIRCD_REALNAME = "aircd agent"
"""What aircd's own client says of itself: the sign by which its dialect is known."""


@dataclass(slots=True)
class Introduction:
    """What a client has said before it is registered. `negotiating` is set from CAP LS or REQ to CAP END."""

    nick: str | None = None
    username: str | None = None
    realname: str | None = None
    password: str | None = None
    login: Login | None = None
    device: str = ""
    negotiating: bool = False


def expect_registration(session: Session) -> asyncio.TimerHandle:
    """Let the client go if it has not registered in time."""
    seconds = session.server.config.registration_seconds
    return asyncio.get_running_loop().call_later(seconds, _give_up, session, seconds)


def _give_up(session: Session, seconds: float) -> None:
    if session.user is None:
        session.end(f"You did not register within {seconds:g} seconds")


async def try_register(session: Session) -> None:
    """Register the client when it has said enough; it is known who may have which nick only now."""
    intro = session.introduction
    if intro is None or intro.negotiating or intro.nick is None or intro.username is None:
        return
    try:
        await _enter(session, intro)
    except Unavailable as error:
        session.end(str(error))


async def _enter(session: Session, intro: Introduction) -> None:
    if not await _may_enter(session, intro):
        return
    if session.conversation is not None:
        session.conversation = None
        session.reply(n.ERR_SASLABORTED, "SASL authentication aborted")
    user = await introduced(session, intro)
    if user is None:
        return
    session.introduction, session.login = None, intro.login
    device = intro.login.device if intro.login is not None else ""
    await session.server.attendance.begin(session, user, device=device or intro.device)
    await welcome(session)


async def _may_enter(session: Session, intro: Introduction) -> bool:
    """Take what PASS said: the server's own password, a token, or `account:secret`; tell whether all is well."""
    password, config, accounts = intro.password, session.server.config, session.server.hub.accounts
    if intro.login is not None:
        good = await still_good(accounts, intro.login, session.connection.certificate)
        return good or _refuse(session, "What you logged in with is not valid any more")
    if password is None:
        return config.password is None or _refuse(session, "Password incorrect")
    if config.password is not None and session.server.same_secret(password, config.password):
        return True
    try:
        intro.login = await by_pass(accounts, password, session.connection.address)
    except RateLimited as error:
        return _refuse(session, str(error))
    except Unavailable:
        raise
    except HubError:
        return _refuse(session, "Password incorrect")
    return True


def _refuse(session: Session, text: str) -> bool:
    session.reply(n.ERR_PASSWDMISMATCH, text)
    session.end(f"Access denied: {text}")
    return False
