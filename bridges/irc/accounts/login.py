"""Who a client proved to be: by a token, a name and password, or whatever else the hub takes for a proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput, Unauthenticated
from airchat.protocol.principals import Credential, Principal

if TYPE_CHECKING:  # asked, never made here
    from hub.core.accounts import Accounts
    from hub.core.credentials import Caller

_DEVICE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Login:
    """A proof of identity. `device` is what the client calls itself, so that each has its own place in history.

    `credential` is the token or certificate that proved it, None for a password; `secret` is the token itself, by which
    it can be looked at again.
    """

    principal: Principal
    device: str = ""
    credential: Credential | None = None
    secret: str | None = None

    @property
    def scope(self) -> str:
        """Return `read` or `write`."""
        return self.credential.scope if self.credential is not None else "write"


async def by_token(accounts: Accounts, token: str, device: str = "") -> Login:
    """Return who presents this token. Errors as in `Accounts.by_token`."""
    return _of(await accounts.by_token(token), device, token)


async def by_name(accounts: Accounts, name: str, secret: str, address: str) -> Login:
    """Return who logs in as `account` or `account@device` with a token or password.

    Raises:
        Unauthenticated: the secret is not theirs.
        RateLimited: too many attempts in the last minute.
    """
    account, device = split_device(name)
    if not account or not secret:
        raise _refused()
    try:
        login = await by_token(accounts, secret, device)
    except Unauthenticated:
        return Login(await accounts.by_password(account, secret, address), device)
    if login.principal.name != account.lower():
        raise _refused()
    return login


async def by_pass(accounts: Accounts, text: str, address: str) -> Login:
    """Return who sends this with PASS: a token, or `account[@device]:secret`. Errors as in `by_name`."""
    name, colon, secret = text.partition(":")
    try:
        return await by_token(accounts, text)
    except Unauthenticated:
        if not colon:
            raise
    return await by_name(accounts, name, secret, address)


async def by_certificate(accounts: Accounts, fingerprint: str, name: str = "") -> Login:
    """Return whose client certificate this is; `name` is `account`, `account@device` or nothing.

    Raises:
        Unauthenticated: it is nobody's, or not that account's.
    """
    account, device = split_device(name)
    login = _of(await accounts.by_certificate(fingerprint), device, None)
    if account and account.lower() != login.principal.name:
        raise _refused()
    return login


async def still_good(accounts: Accounts, login: Login, certificate: str | None) -> bool:
    """Tell whether what proved an identity would prove it now; a password counts as it did then."""
    try:
        if login.secret is not None:
            await by_token(accounts, login.secret)
        elif login.credential is not None:
            await by_certificate(accounts, certificate or "")
    except (InvalidInput, Unauthenticated):
        return False
    return True


def split_device(name: str) -> tuple[str, str]:
    """Return account and device of `account@device`; of a long device the beginning."""
    account, _, device = name.partition("@")
    return account, device[:_DEVICE_LENGTH]


def _of(caller: Caller, device: str, secret: str | None) -> Login:
    return Login(caller.principal, device, caller.credential, secret)


def _refused() -> Unauthenticated:
    return Unauthenticated("Invalid name or password")
