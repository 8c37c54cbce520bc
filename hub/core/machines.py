"""Machines: hosts whose key may register agents. They enrol with the admin secret or with a one-use code."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotEnabled, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import MACHINE_RULE, is_machine_name
from airchat.protocol.principals import Machine, Principal
from airchat.protocol.rows import machine_row
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import DAY, HOUR, MINUTE
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.codes import code_hash, new_code
from hub.core.credentials import KEPT, revoke_credential
from hub.core.limits import hit_from, refuse
from hub.core.permissions import Action, require
from store.ports.machines import Invite
from store.ports.store import Store
from store.ports.unit import Unit

ATTEMPTS_PER_MINUTE = 10

_NO_CODE = "Invalid or expired code"

_KEY = re.compile(r"[0-9a-f]{64}")


class Machines:
    """Enrols, lists and revokes machines. Without an `admin_secret` the path that asks for one is switched off."""

    def __init__(self, store: Store, clock: Clock, admin_secret: str | None = None) -> None:
        self._store = store
        self._clock = clock
        self._admin_secret = admin_secret

    async def register(self, name: str, public_key: str, admin_secret: str, ip: str) -> Machine:
        """Enrol a machine by the hub's admin secret, replacing the key of one that is known by that name.

        Raises:
            NotEnabled: the hub has no admin secret.
            RateLimited: too many attempts from this address in the last minute.
            Forbidden: the secret is wrong.
            InvalidInput: name or key break a rule.
        """
        if self._admin_secret is None:
            raise NotEnabled("Machine registration is not enabled on this server")
        await self._count_attempt("machine.register", ip)
        if not hmac.compare_digest(hash_secret(admin_secret), hash_secret(self._admin_secret)):
            raise Forbidden("Invalid admin secret")
        _check(name, public_key)
        now = self._clock()
        fresh = Machine(new_id(now), name, public_key, now)
        return await self._store.write(lambda unit: _enrol(unit, fresh, None, "admin secret"), "registration")

    async def add(self, actor: Principal, name: str, public_key: str) -> Machine:
        """Enrol a machine, replacing the key of one that is known by that name.

        Raises:
            Forbidden: the actor is no admin.
            InvalidInput: name or key break a rule.
        """
        require(actor, Action.MANAGE_MACHINES)
        _check(name, public_key)
        now = self._clock()
        fresh = Machine(new_id(now), name, public_key, now)
        return await self._store.write(lambda unit: _enrol(unit, fresh, actor.id, "admin"), "registration")

    async def invite(self, actor: Principal, machine_name: str | None = None, ttl: int = HOUR) -> str:
        """Make a code, `XXXX-XXXX-XXXX`, with which one machine enrols itself within `ttl` microseconds.

        With a name only that machine may use it, and a known machine of that name gets a new key by it.

        Raises:
            Forbidden: the actor is no admin.
            InvalidInput: name or time break a rule.
        """
        require(actor, Action.MANAGE_MACHINES)
        if machine_name is not None:
            _check_name(machine_name)
        if not MINUTE <= ttl <= 7 * DAY:
            raise InvalidInput("A code is valid for one minute to seven days", "ttl_seconds")
        now = self._clock()
        code = new_code()
        invite = Invite(new_id(now), code_hash(code), actor.id, now, now + ttl, machine_name)

        async def add(unit: Unit) -> None:
            await unit.machines.add_invite(invite)
            await Audit.record(unit, now, actor.id, "machine.invited", machine_name, {"invite": invite.id})

        await self._store.write(add, "registration")
        return code

    async def join(self, code: str, machine_name: str, public_key: str, ip: str) -> Machine:
        """Enrol a machine by a one-use code, typed in any case and with or without dashes.

        Raises:
            RateLimited: too many attempts from this address in the last minute.
            InvalidInput: name or key break a rule (the code stays good).
            Forbidden: the code is unknown, used, expired, or for a machine of another name (it stays good then).
            Conflict: another machine has the name, and the code was not made for it (the code stays good).

        A machine that enrolled with the code and lost the answer may repeat the call.
        """
        await self._count_attempt("machine.join", ip)
        _check(machine_name, public_key)
        now = self._clock()
        presented = code_hash(code)
        fresh = Machine(new_id(now), machine_name, public_key, now)

        async def join(unit: Unit) -> Machine:
            known = await unit.machines.by_name(machine_name)
            invite = await unit.machines.invite(presented)
            if invite and invite.used_at and known and known.active and known.public_key == public_key:
                return known
            _check_invite(invite, machine_name, now)
            invite = await unit.machines.use_invite(presented, now)
            if invite is None:
                raise Forbidden(_NO_CODE)
            if invite.machine_name is None and known and known.public_key != public_key:
                raise Conflict(
                    f'Another machine is named "{machine_name}". Choose a name: airchat join --name NAME CODE@HOST. If '
                    f"it is this one with a new key, make a code for it: airchat-hub machines invite {machine_name}"
                )
            return await _enrol(unit, fresh, invite.created_by, "code")

        return await self._store.write(join, "registration")

    async def list(self, actor: Principal) -> Sequence[Machine]:
        """Return every machine by name.

        Raises:
            Forbidden: the actor is no admin.
        """
        require(actor, Action.MANAGE_MACHINES)
        async with self._store.read("registration") as unit:
            return await unit.machines.all()

    async def revoke(self, actor: Principal, name: str) -> Machine:
        """Deactivate a machine, and revoke all keys and tokens of its agents; revoking again changes nothing.

        Raises:
            Forbidden: the actor is no admin.
            NotFound: there is no such machine.
        """
        require(actor, Action.MANAGE_MACHINES)
        now = self._clock()

        async def revoke(unit: Unit) -> Machine:
            known = await unit.machines.by_name(name) if is_machine_name(name) else None
            if known is None:
                raise NotFound(f'No machine is named "{name}"')
            machine = replace(known, active=False)
            if known.active:
                await _save(unit, now, machine, actor.id, action="machine.revoked", detail={})
            for agent in await unit.agents.of_machine(machine.id):
                for credential in await unit.credentials.of(agent.principal.id):
                    await revoke_credential(unit, now, actor.id, credential)
            return machine

        return await self._store.write(revoke, "registration")

    async def forget(self) -> None:
        """Forget the codes that have expired, a while after."""
        before = self._clock() - KEPT
        await self._store.write(lambda unit: unit.machines.forget_invites(before), "registration")

    async def _count_attempt(self, bucket: str, ip: str) -> None:
        now, limit = self._clock(), ATTEMPTS_PER_MINUTE
        refuse(await self._store.write(lambda unit: hit_from(unit, bucket, ip, limit, now), "registration"))


async def _enrol(unit: Unit, fresh: Machine, actor_id: str | None, by: str) -> Machine:
    """Insert the machine, or give its key to the one known by its name; `by` says on whose word."""
    known = await unit.machines.by_name(fresh.name)
    machine = replace(known, public_key=fresh.public_key, active=True) if known else fresh
    if machine != known:
        detail = {"by": by, "replaced": known is not None}
        await _save(unit, fresh.created_at, machine, actor_id, action="machine.enrolled", detail=detail)
    return machine


async def _save(
    unit: Unit, at: int, machine: Machine, actor_id: str | None, *, action: str, detail: dict[str, object]
) -> None:
    await unit.machines.save(machine)
    data = machine_row(machine)
    await unit.events.append([EventDraft(EventKind.MACHINE_CHANGED, at, actor_id, subject_id=machine.id, data=data)])
    await Audit.record(unit, at, actor_id, action, machine.id, {"name": machine.name} | detail)


def _check(name: str, public_key: str) -> None:
    _check_name(name)
    if not _KEY.fullmatch(public_key):
        raise InvalidInput("public_key must be a raw Ed25519 key: 64 lower-case hex digits", "public_key")


def _check_invite(invite: Invite | None, machine_name: str, now: int) -> None:
    """Do nothing when the code is good for that machine.

    Whoever presents a code has all of its 60 bits: why it is of no use gives nothing away but to who holds it. For
    which machine it was made they have to know.

    Raises:
        Forbidden: it is not.
    """
    if invite is None:
        raise Forbidden(_NO_CODE)
    if invite.used_at is not None:
        raise Forbidden("This code was used already, and enrols one machine only. Ask for a new one.")
    if invite.expires_at <= now:
        raise Forbidden("This code has expired. Ask for a new one.")
    if invite.machine_name not in {None, machine_name}:
        raise Forbidden(
            f'This code was made for a machine of another name than "{machine_name}". Enrol under that name.'
        )


def _check_name(name: str) -> None:
    if not is_machine_name(name):
        raise InvalidInput(f"machine_name must have {MACHINE_RULE}", "machine_name")
