"""Demo logins: people and agents with tokens that are no secret, as aircd has them, for trying things out.

They are there only while somebody switched them on; otherwise their tokens open nothing.
"""

import logging
from dataclasses import dataclass

from airchat.protocol.errors import Conflict
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Credential, CredentialKind, Kind, Principal, Role
from airchat.protocol.rows import principal_row
from airchat.protocol.signing import hash_secret
from hub.core.clock import Clock
from hub.core.credentials import revoke_credential
from store.ports.store import Store
from store.ports.unit import Unit

logger = logging.getLogger(__name__)

_LABEL = "demo"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody with a token that everybody knows."""

    name: str
    kind: Kind
    token: str


LOGINS = (
    DemoLogin("human", Kind.PERSON, "human-token"),
    *(DemoLogin(f"agent-{letter}", Kind.AGENT, f"agent-{letter}-token") for letter in "abc"),
    *(DemoLogin(f"agent-{number}", Kind.AGENT, f"test-token-{number}") for number in (1, 2, 3)),
)


async def settle_demo_logins(store: Store, clock: Clock, *, wanted: bool) -> None:
    """Let the demo logins in where that is wanted, and out everywhere else. Errors as in `open_demo_logins`."""
    if not wanted:
        await close_demo_logins(store, clock)
        return
    await open_demo_logins(store, clock)
    names = ", ".join(login.name for login in LOGINS)
    logger.warning("irc.demo_logins: everybody knows the tokens of %s; never use it where others can connect", names)


async def open_demo_logins(store: Store, clock: Clock) -> None:
    """Make the demo principals and let their tokens in.

    Raises:
        Conflict: a name is somebody else's.
    """
    now = clock()

    async def open_all(unit: Unit) -> None:
        for login in LOGINS:
            if await unit.credentials.authenticate(hash_secret(login.token), now) is None:
                principal = await _known(unit, login) or await _make(unit, login, now)
                token = Credential(new_id(now), principal.id, CredentialKind.TOKEN, _LABEL, "write", now)
                await unit.credentials.add(token, hash_secret(login.token))

    await store.write(open_all, "registration")


async def close_demo_logins(store: Store, clock: Clock) -> None:
    """Revoke the tokens of the demo principals, where there are any."""
    now = clock()
    async with store.read() as unit:
        known = [await unit.credentials.authenticate(hash_secret(login.token), now) for login in LOGINS]
    if not any(known):
        return

    async def close_all(unit: Unit) -> None:
        for found in known:
            if found is not None:
                await revoke_credential(unit, now, None, found[0])

    await store.write(close_all, "registration")


async def _known(unit: Unit, login: DemoLogin) -> Principal | None:
    """Return the demo principal if it was made before; whoever else has its name keeps it for themselves."""
    principal = await unit.principals.by_name(login.name)
    if principal is None:
        return None
    kept = await unit.credentials.of(principal.id)
    if principal.kind is not login.kind or any(credential.slot != _LABEL for credential in kept):
        raise Conflict(f'The demo login "{login.name}" cannot be: somebody has that name')
    return principal


async def _make(unit: Unit, login: DemoLogin, now: int) -> Principal:
    principal = Principal(new_id(now), login.kind, login.name, Role.MEMBER, now)
    await unit.principals.save(principal)
    if login.kind is Kind.AGENT:
        await unit.agents.save(principal.id, None, None, None)
    else:
        await unit.people.save(principal.id, None)
    data = principal_row(principal)
    await unit.events.append([EventDraft(EventKind.PRINCIPAL_CHANGED, now, None, subject_id=principal.id, data=data)])
    return principal
