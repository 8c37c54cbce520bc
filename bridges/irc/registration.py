"""From connecting to being somebody: what a client says of itself, and who it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError, RateLimited, Unauthenticated
from airchat.protocol.principals import Kind, Principal
from bridges.irc.users import User, account_user, guest_user
from bridges.irc.welcome import welcome
from bridges.irc.wire import numerics as n
from bridges.irc.wire.names import casefold, is_nick

if TYPE_CHECKING:  # sessions hold an introduction
    from bridges.irc.session import Session

AIRCD_REALNAME = "aircd agent"
"""What aircd's own client says of itself: the sign by which its dialect is known."""


@dataclass(slots=True)
class Introduction:
    """What a client has said before it is registered."""

    nick: str | None = None
    username: str | None = None
    realname: str | None = None
    password: str | None = None
    principal: Principal | None = None
    scope: str = "write"
    device: str = ""
    away: str | None = None
    negotiating: bool = False
    login: object | None = None
    done: bool = field(default=False)


async def try_register(session: Session) -> None:
    """Register the client when it has said enough."""
    intro = session.introduction
    if intro is None or intro.done or intro.negotiating:
        return
    if intro.nick is None or intro.username is None:
        return
    if not await _log_in_by_password(session, intro):
        return
    user = await _become(session, intro)
    if user is None:
        return
    intro.done = True
    session.introduction = None
    session.scope = intro.scope
    await session.server.session_begins(session, user, intro)
    await welcome(session)


async def _log_in_by_password(session: Session, intro: Introduction) -> bool:
    """Take what PASS said for a token, for `account:secret`, or for the server's own password."""
    server = session.server
    if intro.password is None or intro.principal is not None:
        return _password_is_right(session, intro)
    secret = intro.password
    if server.config.password is not None and server.same_secret(secret, server.config.password):
        return True
    account, colon, rest = secret.partition(":")
    name, _, device = account.partition("@")
    try:
        caller = await server.hub.accounts.by_token(rest if colon else secret)
        intro.principal, intro.scope = caller.principal, caller.credential.scope
        intro.device = device if colon else ""
    except Unauthenticated:
        if colon:
            return await _log_in_by_name(session, intro, name, device, rest)
        if server.config.guests is None or server.config.password is not None:
            return _refuse_password(session)
    return True


async def _log_in_by_name(session: Session, intro: Introduction, name: str, device: str, secret: str) -> bool:
    try:
        intro.principal = await session.server.hub.accounts.by_password(name, secret, session.connection.address)
    except RateLimited as error:
        session.end(str(error))
        return False
    except HubError:
        return _refuse_password(session)
    intro.device = device
    return True


def _password_is_right(session: Session, intro: Introduction) -> bool:
    """Refuse clients without the server's password; whoever logged in needs none."""
    if session.server.config.password is None or intro.principal is not None:
        return True
    return _refuse_password(session)


def _refuse_password(session: Session) -> bool:
    session.reply(n.ERR_PASSWDMISMATCH, "Password incorrect")
    session.end("Access denied: password incorrect")
    return False


async def _become(session: Session, intro: Introduction) -> User | None:
    """Return the user the client is from now on; None when it was told why not."""
    server, nick = session.server, intro.nick or ""
    if intro.principal is not None:
        return _account(session, intro, intro.principal, nick)
    if server.config.guests is None:
        session.fail("*", "ACCOUNT_REQUIRED", text="You must log in: SASL, or PASS with a token")
        session.end("You must log in: use SASL or PASS with a token of the hub")
        return None
    if server.users.by_nick(nick) is not None:
        intro.nick = None
        session.reply(n.ERR_NICKNAMEINUSE, nick, "Nickname is already in use")
        return None
    server.reserve(nick)
    try:
        principal = await server.hub.guests.enter(nick, server.config.guests)
    finally:
        server.release(nick)
    user = guest_user(principal, nick, f"~{intro.username}"[:20], session.connection.address)
    user.realname = intro.realname or nick
    return user


def _account(session: Session, intro: Introduction, principal: Principal, nick: str) -> User | None:
    """Return the account's user, who may be here already with other sessions."""
    server = session.server
    user = server.users.of(principal.id) or account_user(principal)
    if user.sessions:
        return user
    holder = server.users.by_nick(nick)
    wanted = nick if server.config.free_nicks and is_nick(nick) and (holder is None or holder is user) else None
    if server.config.free_nicks and wanted is None and casefold(nick) != principal.name:
        intro.nick = None
        session.reply(n.ERR_NICKNAMEINUSE, nick, "Nickname is already in use")
        return None
    if wanted is not None:
        server.users.rename(user, wanted)
    if principal.kind is not Kind.AGENT:
        user.realname = intro.realname or principal.display_name or principal.name
    return user
