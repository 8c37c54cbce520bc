"""Accounts: every way in which somebody proves who they are, and making an account for oneself."""

import hmac
import secrets
from dataclasses import dataclass

from airchat.protocol.errors import InvalidInput, Unauthenticated
from airchat.protocol.ids import new_id
from airchat.protocol.names import is_name
from airchat.protocol.principals import Credential, CredentialKind, Principal
from airchat.protocol.signing import hash_secret
from hub.core import scram
from hub.core.addresses import counted
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.credentials import Caller, Credentials
from hub.core.limits import LoginLimits, count_login, hit_from, refuse
from hub.core.passwords import Passwords
from hub.core.people import People
from hub.core.person import insert_person, own_person, require_free
from store.ports.store import Store
from store.ports.unit import Unit

_FINGERPRINT_DIGITS = 64
_NONCE_BYTES = 18
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class ScramLogin:
    """A SCRAM conversation under way: send `challenge.text`; `principal` is None when nobody has the name."""

    challenge: scram.Challenge
    principal: Principal | None


class Accounts:
    """Logins for clients that are not HTTP. `secret` makes up the salts of names that nobody has, and disguises."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self,
        store: Store,
        clock: Clock,
        credentials: Credentials,
        people: People,
        passwords: Passwords,
        secret: bytes,
        limits: LoginLimits | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials
        self._people = people
        self._passwords = passwords
        self._secret = secret
        self._limits = limits or LoginLimits()

    async def by_token(self, secret: str) -> Caller:
        """Return whose live agent key or token this is. Errors as in `Credentials.authenticate`."""
        return await self._credentials.authenticate(secret)

    async def by_password(self, name: str, password: str, ip: str) -> Principal:
        """Return the person with that name, in any case, and password. Errors as in `People.login`."""
        return await self._people.login(name.lower(), password, ip)

    async def begin_scram(self, client_first: str, ip: str) -> ScramLogin:
        """Begin a SCRAM-SHA-256 login; a name that nobody has gets a challenge like any other, the same each time.

        What follows an `@` in the name is the client's own affair, such as its device.

        Raises:
            InvalidInput: the message is malformed or asks for what is not offered.
            RateLimited: too many attempts in the last minute, from the address or for the name.
        """
        first = scram.parse_client_first(client_first)
        name = first.name.partition("@")[0].lower()
        await count_login(self._store, self._limits, name, ip, self._clock())
        principal, keys = await self._scram_keys(name)
        return ScramLogin(scram.challenge(first, keys, secrets.token_urlsafe(_NONCE_BYTES)), principal)

    async def end_scram(self, login: ScramLogin, client_final: str) -> tuple[Principal, str]:
        """Return who has proved to know the password, and the server's last message.

        Raises:
            InvalidInput: the message is malformed or belongs to another conversation.
            Unauthenticated: the proof is wrong, or the person deactivated; one text for all.
        """
        now, begun = self._clock(), login.principal
        answer = scram.server_final(login.challenge, client_final)
        if begun is None:
            raise _refused()
        return await self._store.write(lambda unit: _log_in(unit, begun, "scram", now), "registration"), answer

    async def by_certificate(self, fingerprint: str) -> Caller:
        """Return whose client certificate has that fingerprint (SHA-256, in hexadecimal).

        Raises:
            Unauthenticated: it is nobody's, or its owner is deactivated.
        """
        secret_hash = _fingerprint_hash(fingerprint)
        async with self._store.read("registration") as unit:
            found = await unit.credentials.by_certificate(secret_hash, self._clock())
        if found is None or not found[1].active:
            raise Unauthenticated("Nobody is known by this certificate")
        return Caller(found[1], found[0])

    async def add_certificate(self, actor: Principal, fingerprint: str, label: str = "certificate") -> Credential:
        """Let the actor log in with the certificate of that fingerprint; adding it again changes nothing.

        Raises:
            InvalidInput: that is no SHA-256 fingerprint.
            Conflict: the certificate belongs to somebody else.
        """
        now, secret_hash = self._clock(), _fingerprint_hash(fingerprint)
        fresh = Credential(new_id(now), actor.id, CredentialKind.CERTIFICATE, label[:100], "write", now)

        async def add(unit: Unit) -> Credential:
            known = await unit.credentials.by_certificate(secret_hash, now)
            if known is not None and known[1].id == actor.id:
                return known[0]
            await unit.credentials.add(fresh, secret_hash)
            await Audit.record(unit, now, actor.id, "certificate.added", fresh.id, {"owner": actor.name})
            return fresh

        return await self._store.write(add, "registration")

    async def register(self, spelling: str, password: str, ip: str) -> Principal:
        """Make a member's account for whoever asks; whether anybody may is the caller's question.

        Its name is as `own_person` says. Nothing proves an address, so it has none.

        Raises:
            InvalidInput: a field breaks a rule.
            RateLimited: too many accounts were made from the address in the last minute.
            Conflict: the name is taken.
        """
        now, limit = self._clock(), self._limits.registrations_per_ip
        person = own_person(spelling, None, now)
        refuse(await self._store.write(lambda unit: hit_from(unit, "account.ip", ip, limit, now), "registration"))
        async with self._store.read() as unit:
            await require_free(unit, person.principal.name)
        kept = await self._passwords.secrets(person.principal.id, password, now)
        me = person.principal
        await self._store.write(lambda unit: insert_person(unit, now, me, person, kept), "registration")
        return me

    def disguised(self, address: str) -> str:
        """Return what stands for an address before others: always the same here, and nobody can guess it back.

        Addresses that count as one have the same, so that who is banned by it stays so.
        """
        return hmac.digest(self._secret, b"address\n" + counted(address).encode(), "sha256")[:6].hex()

    async def _scram_keys(self, name: str) -> tuple[Principal | None, scram.ScramKeys]:
        async with self._store.read("registration") as unit:
            principal = await unit.principals.by_name(name) if is_name(name) else None
            known = await unit.credentials.secret_hash(principal.id, CredentialKind.SCRAM) if principal else None
        if principal is None or known is None:
            return None, self._nobodys(name)
        return principal, scram.ScramKeys.parse(known)

    def _nobodys(self, name: str) -> scram.ScramKeys:
        salt = hmac.digest(self._secret, b"scram\n" + name.encode("utf-8", "surrogatepass"), "sha256")[:_SALT_BYTES]
        stored, server = secrets.token_bytes(32), secrets.token_bytes(32)
        return scram.ScramKeys(self._passwords.iterations, salt, stored, server)


async def _log_in(unit: Unit, begun: Principal, by: str, now: int) -> Principal:
    principal = await unit.principals.get(begun.id)
    if principal is None or not principal.active:
        raise _refused()
    await Audit.record(unit, now, principal.id, "person.logged_in", principal.id, {"by": by})
    return principal


def _fingerprint_hash(fingerprint: str) -> str:
    """Return the form in which a fingerprint is kept; case and colons do not matter."""
    digits = fingerprint.replace(":", "").lower()
    if len(digits) != _FINGERPRINT_DIGITS or not all(digit in "0123456789abcdef" for digit in digits):
        raise InvalidInput("fingerprint must be the SHA-256 of a certificate, 64 hexadecimal digits", "fingerprint")
    return hash_secret(digits)


def _refused() -> Unauthenticated:
    return Unauthenticated("Invalid name or password")
