"""People: their accounts, roles, and how they log in."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, Unauthenticated
from airchat.protocol.ids import new_id
from airchat.protocol.names import is_name
from airchat.protocol.principals import Credential, CredentialKind, Principal, Role
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import MINUTE
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.limits import LoginLimits, count_login
from hub.core.passwords import Passwords, keep_password
from hub.core.permissions import Action, allowed, require, require_over
from hub.core.person import checked_display_name, insert_person, log_person, new_person, person_by_name
from store.ports.people import Person
from store.ports.store import Store
from store.ports.unit import Unit

LOGIN_LINK_TIME = 15 * MINUTE

_LOGIN_SLOT = "login link"


class People:
    """Accounts of humans. Whoever manages admins and owners must be an owner."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        passwords: Passwords | None = None,
        limits: LoginLimits | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._limits = limits or LoginLimits()

    async def create(  # noqa: PLR0917 - the fields of an account, in order
        self,
        actor: Principal | None,
        name: str,
        display_name: str | None = None,
        email: str | None = None,
        role: Role = Role.MEMBER,
        password: str | None = None,
    ) -> Person:
        """Make an account. Without an actor only the first owner's can be made.

        Raises:
            InvalidInput: a field breaks a rule.
            Conflict: the name is taken.
            Forbidden: the actor may not, or there is an owner already.
        """
        if actor is not None:
            require_over(actor, Action.MANAGE_PEOPLE, role)
        now = self._clock()
        person = new_person(name, display_name, email, role, now)
        kept = () if password is None else await self._passwords.secrets(person.principal.id, password, now)

        async def create(unit: Unit) -> Person:
            if actor is None and (role is not Role.OWNER or await _owners(unit)):
                raise Forbidden("Only the first owner can be made without an account")
            await insert_person(unit, now, actor, person, kept)
            return person

        return await self._store.write(create, "registration")

    async def update(
        self,
        actor: Principal,
        name: str,
        *,
        role: Role | None = None,
        active: bool | None = None,
        display_name: str | None = None,
    ) -> Person:
        """Change what is given of somebody's account.

        Raises:
            InvalidInput: a field breaks a rule.
            NotFound: there is no such person.
            Conflict: it would leave the hub without an active owner.
            Forbidden: the actor may not.
        """
        require(actor, Action.MANAGE_PEOPLE)
        changes: dict[str, object] = {}
        if role is not None:
            require_over(actor, Action.MANAGE_PEOPLE, role)
            changes["role"] = role
        if active is not None:
            changes["active"] = active
        if display_name is not None:
            changes["display_name"] = checked_display_name(display_name)
        return await self._change(actor, name, lambda principal: replace(principal, **changes))  # type: ignore[arg-type]

    async def set_role(self, actor: Principal, name: str, role: Role) -> Person:
        """Give somebody another role. Errors as in `update`."""
        return await self.update(actor, name, role=role)

    async def set_active(self, actor: Principal, name: str, *, active: bool) -> Person:
        """Let somebody in again, or no longer. Errors as in `update`."""
        return await self.update(actor, name, active=active)

    async def login_link(self, actor: Principal, name: str) -> str:
        """Return a secret that logs somebody in once, within 15 minutes.

        Raises:
            NotFound: there is no such person.
            Forbidden: the actor may not, or the person is deactivated.
        """
        now = self._clock()
        secret = secrets.token_urlsafe(32)
        secret_hash, link_id = hash_secret(secret), new_id(now)

        async def add(unit: Unit) -> None:
            person = await person_by_name(unit, name)
            if person.principal.id != actor.id:
                require_over(actor, Action.MANAGE_PEOPLE, person.principal.role)
            if not person.principal.active:
                raise Forbidden(f'"{name}" is deactivated')
            owner_id, expires_at = person.principal.id, now + LOGIN_LINK_TIME
            link = Credential(link_id, owner_id, CredentialKind.LOGIN_LINK, _LOGIN_SLOT, "write", now, expires_at)
            await unit.credentials.add(link, secret_hash)
            await Audit.record(unit, now, actor.id, "login_link.created", owner_id, {"name": name})

        await self._store.write(add, "registration")
        return secret

    async def use_login_link(self, secret: str) -> Principal:
        """Return whom the link logs in, and use it up.

        Raises:
            Unauthenticated: it is unknown, used or expired, or its person deactivated; one text for all.
        """
        now = self._clock()
        secret_hash = hash_secret(secret)

        async def use(unit: Unit) -> Principal:
            principal = await unit.credentials.use_login_link(_LOGIN_SLOT, secret_hash, now)
            if principal is None or not principal.active:
                raise Unauthenticated("This login link is not valid any more")
            await Audit.record(unit, now, principal.id, "person.logged_in", principal.id, {"by": "link"})
            return principal

        return await self._store.write(use, "registration")

    async def login(self, name: str, password: str, ip: str) -> Principal:
        """Return who has that name and password.

        Raises:
            RateLimited: too many attempts in the last minute, from the address or for the name.
            Unauthenticated: name or password is wrong, or the person deactivated; one text for all.
        """
        now = self._clock()
        await count_login(self._store, self._limits, name, ip, now)
        async with self._store.read("registration") as unit:
            principal = await unit.principals.by_name(name) if is_name(name) else None
            known = await unit.credentials.secret_hash(principal.id, CredentialKind.PASSWORD) if principal else None
        right = await self._passwords.verify(known, password)
        if principal is None or not right or not principal.active:
            raise Unauthenticated("Invalid name or password")
        await self._store.write(
            lambda unit: Audit.record(unit, now, principal.id, "person.logged_in", principal.id, {"by": "password"})
        )
        return principal

    async def set_password(self, actor: Principal, name: str, new: str, old: str | None = None) -> Person:
        """Give somebody, or oneself, another password; the one before is good for nothing from then on.

        Whoever is no admin needs the old one to change their own, if there is one. Tokens stay as they are.

        Raises:
            InvalidInput: the new password breaks a rule, or the old one is missing.
            NotFound: there is no such person.
            RateLimited: too many tries in the last minute.
            Forbidden: the actor may not, or the old password is wrong.
        """
        now = self._clock()
        if actor.name != name:
            require(actor, Action.MANAGE_PEOPLE)
        elif not allowed(actor, Action.MANAGE_PEOPLE):
            await self._check_old(actor, old, now)
        async with self._store.read() as unit:
            owner_id = (await person_by_name(unit, name)).principal.id
        kept = await self._passwords.secrets(owner_id, new, now)

        async def save(unit: Unit) -> Person:
            person = await person_by_name(unit, name)
            if person.principal.id != actor.id:
                require_over(actor, Action.MANAGE_PEOPLE, person.principal.role)
            await keep_password(unit, kept)
            await Audit.record(unit, now, actor.id, "password.set", owner_id, {"name": name})
            return person

        return await self._store.write(save, "registration")

    async def list(self, actor: Principal) -> Sequence[Person]:
        """Return everybody with an account, by name.

        Raises:
            Forbidden: the actor is no admin.
        """
        require(actor, Action.MANAGE_PEOPLE)
        async with self._store.read() as unit:
            return await unit.people.all()

    async def _check_old(self, actor: Principal, old: str | None, now: int) -> None:
        async with self._store.read("registration") as unit:
            known = await unit.credentials.secret_hash(actor.id, CredentialKind.PASSWORD)
        if known is None:
            return
        if old is None:
            raise InvalidInput("The old password is needed", "old")
        await count_login(self._store, self._limits, actor.name, actor.id, now)
        if not await self._passwords.verify(known, old):
            raise Forbidden("The old password is wrong")

    async def _change(self, actor: Principal, name: str, change: Callable[[Principal], Principal]) -> Person:
        now = self._clock()

        async def save(unit: Unit) -> Person:
            person = await person_by_name(unit, name)
            require_over(actor, Action.MANAGE_PEOPLE, person.principal.role)
            changed = change(person.principal)
            if changed == person.principal:
                return person
            if not _is_active_owner(changed) and await _owners(unit) == [person.principal.id]:
                raise Conflict("The last active owner stays one")
            await unit.principals.save(changed)
            await log_person(unit, now, actor, changed, "person.changed")
            return replace(person, principal=changed)

        return await self._store.write(save)


def _is_active_owner(principal: Principal) -> bool:
    return principal.active and principal.role is Role.OWNER


async def _owners(unit: Unit) -> Sequence[str]:
    return [person.principal.id for person in await unit.people.all() if _is_active_owner(person.principal)]
