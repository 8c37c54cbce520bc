"""Registration of agents: a machine's signature turns a derived key into an agent's credential.

The order of the checks and the texts are those of AirChat's `POST /api/v2/register`. What a stranger can probe (unknown
machine, bad signature, stale time) is refused in the same words after the same work.
"""

import base64
import re
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from airchat.protocol import limits
from airchat.protocol.cards import card_json, parse_card
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, RateLimited
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import NAME_RULE, is_machine_name, is_name, is_reserved, sanitize
from airchat.protocol.principals import Agent, Card, Credential, CredentialKind, Kind, Machine, Principal, Role
from airchat.protocol.rows import principal_row
from airchat.protocol.signing import Registration as SignedFields
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import SECOND, from_iso
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.limits import hit, hit_from, refuse
from hub.core.secrets import Secrets
from store.ports.store import Store
from store.ports.unit import Unit

FIELDS = ("machine_name", "agent_name", "derived_key_hash", "timestamp", "nonce", "signature")

_WINDOW = limits.REGISTRATION_WINDOW_SECONDS * SECOND
_SLOT_LENGTH = 200
_HASH = re.compile(r"[0-9a-f]{64}")
# Checked in place of an unknown machine's key, so that both take as long.
_NO_MACHINE = "9e4ae8a6f1ba95c48b0f9849551886eb3ffb01afb96c1f7ac845e3edd2d62016"


@dataclass(frozen=True, slots=True)
class RegistrationLimits:
    """Registrations a minute from one address and of one machine, and how many active agents a machine may have."""

    per_ip: int = 10
    per_machine: int = 5
    agents_per_machine: int = limits.AGENTS_PER_MACHINE


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """A request to register, its fields present and texts, nothing else checked. `ip` is where it came from."""

    registration: SignedFields
    signature: str
    card_raw: Any = None
    ip: str = "unknown"

    @classmethod
    def parse(cls, body: Any, ip: str) -> "RegistrationRequest":
        """Read the JSON body.

        Raises:
            InvalidInput: the card breaks a rule, or a field is missing or no text - in this order.
        """
        fields = body if isinstance(body, dict) else {}
        if fields.get("card") is not None:
            parse_card(fields["card"])
        missing = next((name for name in FIELDS if not isinstance(fields.get(name), str) or not fields[name]), None)
        if missing:
            raise InvalidInput(f"Missing required fields: {', '.join(FIELDS)}", missing)
        signed = SignedFields(*(fields[name] for name in FIELDS[:-1]))
        return cls(signed, fields["signature"], fields.get("card"), ip)


class Registration:
    """Registers agents."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: RegistrationLimits = RegistrationLimits(),
        secrets: Secrets | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._secrets = secrets or Secrets(store, clock)

    async def check_ip(self, ip: str) -> None:
        """Count a registration from this address, before anything of it is read.

        Raises:
            RateLimited: there were too many in the last minute.
        """
        now = self._clock()
        limit = self._limits.per_ip
        refuse(await self._store.write(lambda unit: hit_from(unit, "register.ip", ip, limit, now), "registration"))

    async def register(self, request: RegistrationRequest) -> Agent:
        """Give the agent a key, making the agent if it is new; its name is the canonical form of the presented one.

        Each presented name has a key of its own, so that clients which derive it differently do not replace each
        other's. A repeated registration replaces the key at once and keeps the agent's id.

        Raises:
            InvalidInput: the card or the agent's name breaks a rule.
            RateLimited: the machine registers too often or has too many agents.
            Forbidden: time, machine or signature is wrong (one text for all); the name is reserved or deactivated.
            Conflict: the nonce was used before, or the name belongs to somebody else.
        """
        now = self._clock()
        card = None if request.card_raw is None else parse_card(request.card_raw)
        signed = request.registration
        machine = await self._admit(signed, now)
        if not _signed_by(machine, request) or machine is None:
            _fail()
        card = await self._secrets.clean_card(card) if card else None
        name = _agent_name(signed.agent_name, machine)
        wanted = _Enrolment(
            machine, name, signed.agent_name, signed.derived_key_hash, card, now, new_id(now), new_id(now)
        )
        return await self._store.write(lambda unit: self._enrol(unit, wanted), "registration")

    async def _admit(self, signed: SignedFields, now: int) -> Machine | None:
        """Count the registration, check its time, use up its nonce; return the machine if it is known and active."""
        expires_at = _expiry(signed.timestamp, now)

        async def admit(unit: Unit) -> tuple[int, bool, Machine | None]:
            wait = await hit(unit, "register.machine", signed.machine_name, self._limits.per_machine, now)
            if wait or expires_at is None:
                return wait, False, None
            fresh = await unit.guards.use_nonce(hash_secret(signed.nonce), expires_at, now)
            known = is_machine_name(signed.machine_name)
            return wait, fresh, await unit.machines.by_name(signed.machine_name) if known else None

        wait, fresh, machine = await self._store.write(admit, "registration")
        refuse(wait)
        if expires_at is None:
            _fail()
        if not fresh:
            raise Conflict("Duplicate nonce")
        return machine if machine and machine.active else None

    async def _enrol(self, unit: Unit, wanted: "_Enrolment") -> Agent:
        if await unit.machines.by_name(wanted.machine.name) != wanted.machine:
            _fail()  # revoked, or given another key, since it was read
        agent = await self._claimable(unit, wanted)
        fresh = agent is None
        if agent is None:
            agent = Agent(Principal(wanted.principal_id, Kind.AGENT, wanted.name, Role.MEMBER, wanted.now))
        seen = max(wanted.now, agent.principal.last_seen_at or 0)
        agent = replace(
            agent,
            principal=replace(agent.principal, last_seen_at=seen),
            machine_id=wanted.machine.id,
            machine_name=wanted.machine.name,
            card=wanted.card or agent.card,
        )
        await unit.principals.save(agent.principal)
        await unit.agents.save(agent.principal.id, agent.machine_id, agent.description, agent.card)
        key = Credential(
            wanted.credential_id, agent.principal.id, CredentialKind.AGENT_KEY, wanted.slot, "write", wanted.now
        )
        await unit.credentials.add(key, wanted.key_hash)
        await _log(unit, wanted, agent, fresh=fresh)
        return agent

    async def _claimable(self, unit: Unit, wanted: "_Enrolment") -> Agent | None:
        """Return the agent of that name, which the machine may register; None when the name is free."""
        holder = await unit.principals.by_name(wanted.name)
        agent = await unit.agents.get(holder.id) if holder and holder.kind is Kind.AGENT else None
        own = agent is not None and agent.machine_id == wanted.machine.id
        if not own and await unit.agents.count_active(wanted.machine.id) >= self._limits.agents_per_machine:
            raise RateLimited("Agent limit exceeded for this machine")
        if holder is None:
            return None
        if agent is None or agent.machine_id not in {None, wanted.machine.id}:
            raise Conflict("Agent name is owned by a different machine")
        if not holder.active:
            raise Forbidden(f'Agent "{wanted.name}" is deactivated. An admin of the hub can activate it again.')
        return agent


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """A request that passed every check which needs no agent."""

    machine: Machine
    name: str
    slot: str
    key_hash: str
    card: Card | None
    now: int
    principal_id: str
    credential_id: str


async def _log(unit: Unit, wanted: _Enrolment, agent: Agent, *, fresh: bool) -> None:
    principal, machine = agent.principal, wanted.machine.name
    data = principal_row(principal) | {"machine": machine, "card": card_json(agent.card)}
    event = EventDraft(
        EventKind.AGENT_REGISTERED, wanted.now, principal.id, subject_id=principal.id, data=data | {"new": fresh}
    )
    await unit.events.append([event])
    detail = {"name": principal.name, "machine": machine, "presented": wanted.slot, "new": fresh}
    await Audit.record(unit, wanted.now, principal.id, "agent.registered", principal.id, detail)


def _expiry(timestamp: str, now: int) -> int | None:
    """Return until when the nonce of a request signed at `timestamp` matters; None when that is no time or not now."""
    try:
        signed_at = from_iso(timestamp)
    except ValueError:
        return None
    if abs(now - signed_at) > _WINDOW:
        return None
    return max(now, signed_at) + _WINDOW + 1


def _signed_by(machine: Machine | None, request: RegistrationRequest) -> bool:
    """Tell whether the machine signed the request. Takes as long for an unknown machine or a malformed signature."""
    signature = _signature(request.signature)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(machine.public_key if machine else _NO_MACHINE))
    valid = [_verify(key, signature or bytes(64), form) for form in request.registration.signed_bytes()]
    well_formed = signature is not None and _HASH.fullmatch(request.registration.derived_key_hash) is not None
    return machine is not None and well_formed and any(valid)


def _verify(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _signature(text: str) -> bytes | None:
    try:
        signature = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return signature if len(signature) == 64 else None


def _agent_name(presented: str, machine: Machine) -> str:
    name = sanitize(presented)
    if not is_name(name) or len(presented) > _SLOT_LENGTH or not presented.isprintable():
        raise InvalidInput(f"agent_name must have {NAME_RULE}", "agent_name")
    if is_reserved(name, machine.name):
        raise Forbidden(f'The agent name "{name}" is reserved')
    return name


def _fail() -> NoReturn:
    raise Forbidden("Registration failed")
