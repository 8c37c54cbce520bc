"""Credentials: finding who presents a key or token, and making, listing and revoking tokens."""

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from airchat.protocol.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Credential, CredentialKind, Principal
from airchat.protocol.rows import credential_row
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import DAY, MINUTE, SECOND
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.permissions import Action, require, require_over
from store.ports.store import Store
from store.ports.unit import Unit

TOKEN_PREFIX = "act_"  # noqa: S105 - how tokens begin, not one of them
SCOPES = ("read", "write")

KEPT = 90 * DAY
"""For how long a credential that was revoked, or has expired, is still listed."""

_PASSWORDS = frozenset({CredentialKind.PASSWORD, CredentialKind.SCRAM})
_CACHED = 10_000
_CACHE_TIME = 30 * SECOND
_USE_TIME = 5 * MINUTE
_LABEL_LENGTH = 100
ACCESS = frozenset({EventKind.CREDENTIAL_REVOKED, EventKind.PRINCIPAL_CHANGED, EventKind.AGENT_REGISTERED})
"""What may change whose keys open the hub."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who presented a key or token, and which."""

    principal: Principal
    credential: Credential


class Credentials:
    """Keys and tokens. `observe` must hear of all events of `ACCESS`, `flush` be called now and then and at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._callers: OrderedDict[str, tuple[Caller, int]] = OrderedDict()
        self._hashes: dict[str, set[str]] = {}
        self._changes = 0
        self._used: dict[str, int] = {}

    async def authenticate(self, secret: str) -> Caller:
        """Return whose live key or token this is.

        Answers come from memory for up to 30 seconds: a revocation whose news is lost on the way counts by then.

        Raises:
            Unauthenticated: it is unknown, replaced, revoked or expired, or its owner is deactivated; one text for all.
        """
        now = self._clock()
        secret_hash = hash_secret(secret)
        caller = self._remembered(secret_hash, now) or await self._look_up(secret_hash, now)
        credential = caller.credential
        if credential.expires_at is not None and credential.expires_at <= now:
            raise _unknown()
        if now - (credential.last_used_at or 0) >= _USE_TIME:
            self._used.setdefault(credential.id, now)
        return caller

    def observe(self, events: Sequence[Event]) -> None:
        """Forget whoever these events say has changed."""
        for event in events:
            owner_id = whose_access(event)
            if owner_id is not None:
                self._changes += 1
                self._forget_principal(owner_id)

    async def flush(self) -> None:
        """Write down when credentials were last used."""
        used, self._used = self._used, {}
        if used:
            await self._store.write(lambda unit: unit.credentials.used(used))

    async def forget(self) -> None:
        """Forget what nobody can log in with any more, a while after; the audit trail knows of it still."""
        before = self._clock() - KEPT
        await self._store.write(lambda unit: unit.credentials.forget(before), "registration")

    async def create_token(
        self, actor: Principal, owner_name: str | None, label: str, scope: str = "write", expires_at: int | None = None
    ) -> tuple[Credential, str]:
        """Make a token for the actor or, by name, for somebody else; return it with its secret, shown only now.

        Raises:
            InvalidInput: label, scope or expiry break a rule.
            NotFound: nobody has that name.
            Forbidden: the actor may not.
        """
        return await self._create(actor, lambda unit: self._owner(unit, actor, owner_name), label, scope, expires_at)

    async def create_login(self, person: Principal, label: str, expires_at: int) -> str:
        """Return the secret of a token for whoever has just proved to be that person, whatever their role."""

        async def owner(unit: Unit) -> Principal:
            return await unit.principals.get(person.id) or person

        return (await self._create(person, owner, label, "write", expires_at))[1]

    async def _create(
        self,
        actor: Principal,
        find_owner: Callable[[Unit], Awaitable[Principal]],
        label: str,
        scope: str,
        expires_at: int | None,
    ) -> tuple[Credential, str]:
        now = self._clock()
        _check_token(label, scope, expires_at, now)
        secret = TOKEN_PREFIX + secrets.token_hex(32)
        secret_hash, credential_id = hash_secret(secret), new_id(now)

        async def create(unit: Unit) -> Credential:
            owner = await find_owner(unit)
            if not owner.active:
                raise Forbidden(f'"{owner.name}" is deactivated')
            token = Credential(credential_id, owner.id, CredentialKind.TOKEN, label, scope, now, expires_at)
            await unit.credentials.add(token, secret_hash)
            detail = {"owner": owner.name, "label": label, "scope": scope}
            await Audit.record(unit, now, actor.id, "token.created", token.id, detail)
            return token

        return await self._store.write(create, "registration"), secret

    async def list(self, actor: Principal, owner_name: str | None = None) -> Sequence[Credential]:
        """Return the credentials of the actor or, by name, of somebody else, newest first, revoked ones included.

        Raises: as `create_token`.
        """
        async with self._store.read() as unit:
            owner = await self._owner(unit, actor, owner_name)
            return await unit.credentials.of(owner.id)

    async def revoke(self, actor: Principal, credential_id: str) -> Credential:
        """Revoke one of the actor's own credentials, or somebody else's; revoking again changes nothing.

        Raises:
            NotFound: there is none with that id that the actor may manage.
        """
        now = self._clock()

        async def revoke(unit: Unit) -> Credential:
            credential = await unit.credentials.get(credential_id)
            owner = await unit.principals.get(credential.principal_id) if credential else None
            if credential is None or owner is None or not _may_manage(actor, owner):
                raise NotFound("Token not found")
            for each in await _kept_together(unit, credential):
                await revoke_credential(unit, now, actor.id, each)
            return replace(credential, revoked_at=credential.revoked_at or now)

        return await self._store.write(revoke)

    async def _owner(self, unit: Unit, actor: Principal, name: str | None) -> Principal:
        if name is None or name == actor.name:
            require(actor, Action.CREATE_TOKENS)
            return actor
        require(actor, Action.MANAGE_TOKENS)
        owner = await unit.principals.by_name(name)
        if owner is None:
            raise NotFound(f'Nobody is named "{name}"')
        require_over(actor, Action.MANAGE_TOKENS, owner.role)
        return owner

    def _remembered(self, secret_hash: str, now: int) -> Caller | None:
        found = self._callers.get(secret_hash)
        if found is None:
            return None
        caller, since = found
        if now - since >= _CACHE_TIME:
            self._forget(secret_hash)
            return None
        self._callers.move_to_end(secret_hash)
        return caller

    async def _look_up(self, secret_hash: str, now: int) -> Caller:
        changes = self._changes
        found = await self._store.look_up(lambda unit: unit.credentials.authenticate(secret_hash, now))
        if found is None or not found[1].active:
            raise _unknown()
        credential, principal = found
        caller = Caller(principal, credential)
        if changes == self._changes:  # else what was read may be older than the news
            self._callers[secret_hash] = caller, now
            self._hashes.setdefault(principal.id, set()).add(secret_hash)
            if len(self._callers) > _CACHED:
                self._forget(next(iter(self._callers)))
        return caller

    def _forget(self, secret_hash: str) -> None:
        caller, _ = self._callers.pop(secret_hash)
        hashes = self._hashes[caller.principal.id]
        hashes.discard(secret_hash)
        if not hashes:
            del self._hashes[caller.principal.id]

    def _forget_principal(self, principal_id: str) -> None:
        for secret_hash in self._hashes.pop(principal_id, ()):
            del self._callers[secret_hash]


def whose_access(event: Event) -> str | None:
    """Return the id of the principal whose keys may have begun or ceased to open the hub with this event."""
    return event.recipient_id or event.subject_id if event.kind in ACCESS else None


async def revoke_credential(unit: Unit, at: int, actor_id: str | None, credential: Credential) -> None:
    """Revoke a credential within a unit of work, with its event and audit entry; nothing if it was revoked before."""
    if not await unit.credentials.revoke(credential.id, at):
        return
    event = EventDraft(
        EventKind.CREDENTIAL_REVOKED,
        at,
        actor_id,
        recipient_id=credential.principal_id,
        subject_id=credential.id,
        data=credential_row(replace(credential, revoked_at=at)),
    )
    await unit.events.append([event])
    await Audit.record(unit, at, actor_id, "credential.revoked", credential.id, {"kind": credential.kind.value})


async def _kept_together(unit: Unit, credential: Credential) -> Sequence[Credential]:
    """Return the credential and, where it is one form of a password, its other forms."""
    if credential.kind not in _PASSWORDS:
        return [credential]
    return [each for each in await unit.credentials.of(credential.principal_id) if each.kind in _PASSWORDS]


def _may_manage(actor: Principal, owner: Principal) -> bool:
    if actor.id == owner.id:
        return True
    try:
        require_over(actor, Action.MANAGE_TOKENS, owner.role)
    except Forbidden:
        return False
    return True


def _check_token(label: str, scope: str, expires_at: int | None, now: int) -> None:
    if not label.strip() or len(label) > _LABEL_LENGTH or not label.isprintable():
        raise InvalidInput(f"label must be 1-{_LABEL_LENGTH} printable characters", "label")
    if scope not in SCOPES:
        raise InvalidInput(f"scope must be one of {', '.join(SCOPES)}", "scope")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("expires_at must be in the future", "expires_at")


def _unknown() -> Unauthenticated:
    return Unauthenticated("Invalid API key")
