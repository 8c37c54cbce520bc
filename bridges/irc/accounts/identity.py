"""Becoming somebody: whom a client is when it registers, and what happens when it logs in later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Kind
from airchat.protocol.timestamps import SECOND
from bridges.irc.accounts.nicks import can_be_called, nick_taken
from bridges.irc.joining import show_join
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.users import User, guest_user
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.names import is_free_nick, user_name

if TYPE_CHECKING:  # sessions hold introductions and logins
    from airchat.protocol.principals import Principal
    from bridges.irc.accounts.login import Login
    from bridges.irc.accounts.registration import Introduction
    from bridges.irc.presence.rooms import Room
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

_STEADY_SECONDS = 30
"""How long an agent's session that replaced another one is safe from being replaced itself."""


# At registration


async def introduced(session: Session, intro: Introduction) -> User | None:
    """Return the user that a client is from its registration on; None when it was told why not."""
    if intro.login is not None:
        await session.server.hub.bus.caught_up()  # another hub may have made the account, or served it just now
        return _account(session, intro, intro.login)
    server, nick = session.server, intro.nick or ""
    if server.config.guests is None:
        session.fail("*", "ACCOUNT_REQUIRED_TO_CONNECT", text="You must log in: use SASL, or PASS with a token")
        session.end("You must log in: use SASL, or PASS with a token of the hub")
        return None
    if not is_free_nick(nick):
        _choose_again(session, intro, n.ERR_ERRONEUSNICKNAME, "Erroneous nickname")
        return None
    if nick_taken(server, nick):
        _choose_again(session, intro, n.ERR_NICKNAMEINUSE, "Nickname is already in use")
        return None
    server.reserve(nick)
    try:
        principal = await server.hub.guests.enter(nick, server.config.guests)
        await server.hub.bus.settled()
    finally:
        server.release(nick)
    place = server.hub.accounts.disguised(session.connection.address)
    user = guest_user(principal, nick, f"~{user_name(intro.username or '')}"[:18], place)
    user.realname = intro.realname or nick
    return user


def _account(session: Session, intro: Introduction, login: Login) -> User | None:
    """Return the account's user, who may be here already with other sessions."""
    server, principal = session.server, login.principal
    user = server.users.of(principal.id)
    refusal = "You are deactivated" if user is None or not user.principal.active else why_not_now(server, user)
    if user is None or refusal is not None:
        session.end(refusal or "")
        return None
    if principal.kind is not Kind.AGENT:
        user.realname = intro.realname or principal.display_name or principal.name
    nick = intro.nick or ""
    if user.sessions or session.aircd or not server.config.free_nicks or nick == user.nick:
        return user
    if not can_be_called(nick, user):
        _choose_again(session, intro, n.ERR_ERRONEUSNICKNAME, "Erroneous nickname")
        return None
    if nick_taken(server, nick, user):
        _choose_again(session, intro, n.ERR_NICKNAMEINUSE, "Nickname is already in use")
        return None
    _take_nick(server, user, nick)
    return user


def _choose_again(session: Session, intro: Introduction, numeric: str, text: str) -> None:
    nick, intro.nick = intro.nick or "", None
    session.reply(numeric, nick, text)


def give_way(server: IrcServer, principal: Principal) -> None:
    """Leave a nick to the account that has it for a name now; whoever had it is called by their own name instead.

    Whoever makes the account for themselves keeps the nick: they go on as it.
    """
    holder, maker = server.users.named(principal.name), server.cause_of("account", principal.name)
    if holder is None or holder.principal.id == principal.id or not principal.active:
        return
    if maker is None or maker.user is not holder:
        server.renamed(None, holder, holder.principal.name)


def _take_nick(server: IrcServer, user: User, nick: str) -> None:
    """Give somebody without a session another nick; whoever shares a channel with them sees it."""
    out = Outgoing(lines.text("NICK", nick, source=user.mask), at=server.now())
    neighbours = server.neighbours(user)
    server.users.rename(user, nick)
    for other in neighbours:
        other.deliver(out)


def why_not_now(server: IrcServer, user: User) -> str | None:
    """Return why an agent may not begin another session now; None when it may, and for everybody else.

    An agent has one session. A newer one replaces it, but when two programs run with the same token that must not go
    back and forth: a session that has just replaced another one stays.
    """
    if user.principal.kind is not Kind.AGENT:
        return None
    for session in user.sessions:
        if session.replaced_at is None or session.closing:
            continue
        wait = session.replaced_at // SECOND + _STEADY_SECONDS - server.now() // SECOND
        if wait > 0:
            return (
                f"{user.principal.name} is here with another session, which replaced one itself just now; "
                f"an agent has one at a time (try again in {wait} s)"
            )
    return None


# Logging in


async def log_in(session: Session, login: Login, *, sasl: bool = False) -> None:
    """Let a client be whom it has proved to be: when it registers, or at once if it has."""
    server = session.server
    if session.introduction is None or server.users.of(login.principal.id) is None:  # else registering catches up
        await server.hub.bus.caught_up()
    user = server.users.of(login.principal.id)
    refusal = (
        "Your account is gone" if user is None else why_not_now(server, user) if user is not session.user else None
    )
    if user is None or refusal is not None:
        session.reply(n.ERR_SASLFAIL, f"SASL authentication failed: {refusal}")
        return
    name = user.account or login.principal.name
    session.reply(n.RPL_LOGGEDIN, _mask(session), name, f"You are now logged in as {name}")
    if sasl:
        session.reply(n.RPL_SASLSUCCESS, "SASL authentication successful")
    if session.introduction is not None:
        session.introduction.login = login
        return
    session.login = login
    if user is not session.user:
        await _switch(session, user)


def _mask(session: Session) -> str:
    """Return the client's `nick!user@host`, as far as there is one."""
    if session.user is not None:
        return session.user.mask
    intro = session.introduction
    username = user_name(intro.username) if intro is not None and intro.username else "*"
    return f"{session.nick}!{username}@{session.connection.hostname}"


async def _switch(session: Session, user: User) -> None:
    """Let a client that is registered be somebody else: it leaves as who it was, and comes as who it is now.

    A guest's nick is kept where accounts may have any, and the account joins the channels where the guest was.
    """
    server, old = session.server, session.server.registered(session)
    left = server.rooms.with_user(old)
    keeps = old.guest and server.config.free_nicks and not user.sessions
    nick = old.nick if keeps else user.nick
    mask = old.mask
    watching = server.monitors.extended(old) - server.neighbours(old) if keeps else set()
    if keeps:
        _show_account(session, old, user)
    for room in left:
        session.command("PART", room.name, f"Logged in as {user.account}", source=mask)
    await server.attendance.leave(session, f"Logged in as {user.account}", nick_stays=keeps)
    if nick != old.nick:
        session.command("NICK", nick, source=mask)
    elif nick != user.nick:
        _take_nick(server, user, nick)
    if old.guest and not user.sessions and user.principal.kind is not Kind.AGENT:
        user.realname = old.realname
    await server.attendance.begin(session, user, device=session.login.device if session.login else "", nick_stays=keeps)
    _show_host(session, old, watching)
    for room in server.rooms.with_user(user):
        show_join(session, room)
    await server.replays.begin(session)
    await _follow(session, user, left)


def _show_account(session: Session, old: User, user: User) -> None:
    out = Outgoing(lines.text("ACCOUNT", user.account or "*", source=old.mask), at=session.server.now())
    session.server.tell_neighbours(old, out, "account-notify")
    if session.has("account-notify"):
        session.send(out)


def _show_host(session: Session, old: User, watching: set[Session]) -> None:
    """Tell a client by which mask others know it now, and those who only watch for its nick, which stayed.

    Everybody else sees one leave and another come, as the two are on the hub.
    """
    server, user = session.server, session.server.registered(session)
    source = f"{user.nick}!{old.username}@{old.host}"
    out = Outgoing(lines.text("CHGHOST", user.username, user.host, source=source), at=server.now())
    for other in {session, *watching}:
        if other.has("chghost"):
            other.deliver(out, caused=other is session)


async def _follow(session: Session, user: User, rooms: list[Room]) -> None:
    """Join the channels that the client was in as somebody else, as far as the account may."""
    for room in rooms:
        if room.has(user):
            continue
        try:
            async with session.server.causing((EventKind.MEMBER_JOINED, user.principal.id), session):
                await session.server.hub.channels.join(user.principal, room.channel.name, source=user.mask)
        except HubError as error:
            session.note(f"You are not in {room.name} any more: {error}")
