"""Making an account for oneself, where the administrator lets clients do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput
from airchat.protocol.principals import Principal
from bridges.irc.accounts.login import Login
from bridges.irc.accounts.nicks import nick_taken
from bridges.irc.config import AccountRegistration
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # asked who they are
    from bridges.irc.session import Session

_FIELDS = {"name": "BAD_ACCOUNT_NAME", "email": "INVALID_EMAIL", "password": "UNACCEPTABLE_PASSWORD"}
_EARLY = frozenset({AccountRegistration.BEFORE_CONNECT, AccountRegistration.EMAIL})


class Refused(Exception):
    """There is no account made; `code` says why to clients, the text to people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def offered(registration: AccountRegistration) -> str | None:
    """Return what clients are told of it: the value of their capability, None when it is not offered."""
    if registration is AccountRegistration.OFF:
        return None
    words = ["before-connect"] if registration in _EARLY else []
    words += ["email-required"] if registration is AccountRegistration.EMAIL else []
    return ",".join([*words, "custom-account-name"])


async def enrol(session: Session, name: str, password: str, email: str | None) -> Login | Principal:
    """Make the account, and return it as who the client is from now on.

    Where accounts need an address, a code is sent there instead, and whose account waits for it is returned.

    Raises:
        Refused: nothing was done.
    """
    server, address = session.server, session.connection.address
    _require_stranger(session)
    if nick_taken(server, name, session.user):
        raise Refused("ACCOUNT_EXISTS", f'The name "{name}" is taken')
    try:
        if server.hub.signups is not None:
            return await server.hub.signups.ask(name, password, email or "", address)
        async with server.causing(("account", casefold(name)), session):
            return Login(await server.hub.accounts.register(name, password, address))
    except HubError as error:
        raise _refused(error) from error


async def verify(session: Session, name: str, code: str) -> Login:
    """Make the account that waits for the code, and return it as who the client is from now on.

    Raises:
        Refused: nothing was done.
    """
    server = session.server
    _require_stranger(session)
    if server.hub.signups is None:
        raise Refused("INVALID_CODE", "No account waits for a code")
    try:
        async with server.causing(("account", casefold(name)), session):
            return Login(await server.hub.signups.verify(name, code, session.connection.address))
    except HubError as error:
        raise _refused(error) from error


def _require_stranger(session: Session) -> None:
    """Do nothing when the client may make an account now.

    Raises:
        Refused: it may not.
    """
    registration, intro = session.server.config.registration, session.introduction
    if registration is AccountRegistration.OFF:
        raise Refused("TEMPORARILY_UNAVAILABLE", "Accounts are made by the administrators here")
    if session.login is not None or (intro is not None and intro.login is not None):
        raise Refused("ALREADY_AUTHENTICATED", "You are logged in already")
    if intro is not None and registration not in _EARLY:
        raise Refused("COMPLETE_CONNECTION_REQUIRED", "Register the connection first")
    required = session.server.config.password
    if intro is not None and required is not None and not session.server.same_secret(intro.password or "", required):
        raise Refused("TEMPORARILY_UNAVAILABLE", "This server has a password, which comes first (PASS)")


def _refused(error: HubError) -> Refused:
    """Return what an error means to clients; those that say no more will pass."""
    code = "TEMPORARILY_UNAVAILABLE"
    if isinstance(error, InvalidInput):
        code = _FIELDS.get(error.field or "", "BAD_ACCOUNT_NAME")
    elif isinstance(error, Conflict):
        code = "ACCOUNT_EXISTS"
    elif isinstance(error, Forbidden):
        code = "INVALID_CODE"
    return Refused(code, str(error))
