"""Making an account for oneself, where the administrator lets clients do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import Conflict, InvalidInput, RateLimited
from bridges.irc.accounts.login import Login
from bridges.irc.accounts.nicks import nick_taken
from bridges.irc.config import AccountRegistration
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # asked who they are
    from bridges.irc.session import Session

_FIELDS = {"name": "BAD_ACCOUNT_NAME", "password": "UNACCEPTABLE_PASSWORD"}


class Refused(Exception):
    """There is no account made; `code` says why to clients, the text to people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def offered(registration: AccountRegistration) -> str | None:
    """Return what clients are told of it: the value of their capability, None when it is not offered."""
    if registration is AccountRegistration.OFF:
        return None
    early = ["before-connect"] if registration is AccountRegistration.BEFORE_CONNECT else []
    return ",".join([*early, "custom-account-name"])


async def enrol(session: Session, name: str, password: str) -> Login:
    """Make the account, and return it as who the client is from now on.

    Raises:
        Refused: there is none made.
    """
    server = session.server
    registration = server.config.registration
    early = session.introduction is not None
    if registration is AccountRegistration.OFF:
        raise Refused("TEMPORARILY_UNAVAILABLE", "Accounts are made by the administrators here")
    if session.login is not None or (session.introduction is not None and session.introduction.login is not None):
        raise Refused("ALREADY_AUTHENTICATED", "You are logged in already")
    if early and registration is not AccountRegistration.BEFORE_CONNECT:
        raise Refused("COMPLETE_CONNECTION_REQUIRED", "Register the connection first")
    if nick_taken(server, name, session.user):
        raise Refused("ACCOUNT_EXISTS", f'The name "{name}" is taken')
    try:
        async with server.causing(("account", casefold(name)), session):
            principal = await server.hub.accounts.register(name, password, session.connection.address)
    except InvalidInput as error:
        raise Refused(_FIELDS.get(error.field or "", "BAD_ACCOUNT_NAME"), str(error)) from error
    except Conflict as error:
        raise Refused("ACCOUNT_EXISTS", str(error)) from error
    except RateLimited as error:
        raise Refused("TEMPORARILY_UNAVAILABLE", str(error)) from error
    return Login(principal)
