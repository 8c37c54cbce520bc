"""Passwords: argon2 in a thread, SCRAM keys beside it, and as much work for a name that nobody has."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from airchat.protocol.errors import InvalidInput
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Credential, CredentialKind
from hub.core.scram import derive_keys
from store.ports.unit import Unit

SHORTEST = 8
LONGEST = 1_000
ITERATIONS = 100_000
"""Rounds of the SCRAM derivation, which clients do at each login and the hub when a password is set."""

_SALT_BYTES = 16
_SLOT = "password"
_AT_ONCE = 2  # each takes a core and 64 MiB

Secrets = tuple[tuple[Credential, str], ...]
"""Credentials to store, each with its hash."""


class Passwords:
    """Hashes and verifies, a few at a time so that logins cannot use up the machine.

    Args:
        hasher: How passwords are hashed; by default with the costs RFC 9106 recommends.
        shortest: How many characters a new password needs.
        iterations: Rounds of the SCRAM derivation, at least 4,096.
    """

    def __init__(
        self, hasher: PasswordHasher | None = None, *, shortest: int = SHORTEST, iterations: int = ITERATIONS
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._shortest = shortest
        self.iterations = iterations
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    @classmethod
    def cheap(cls, shortest: int = 1) -> "Passwords":
        """Return one that costs next to nothing and protects as little: for tests, never for people."""
        return cls(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), shortest=shortest, iterations=4_096)

    async def secrets(self, owner_id: str, password: str, now: int) -> Secrets:
        """Return what to store of a new password, for `keep_password`.

        Raises:
            InvalidInput: it is too short or too long.
        """
        if not self._shortest <= len(password) <= LONGEST:
            raise InvalidInput(f"password must have {self._shortest}-{LONGEST} characters", "password")
        argon2 = await self._hash(password)
        async with self._turn:
            salt = secrets.token_bytes(_SALT_BYTES)
            keys = await asyncio.to_thread(derive_keys, password, salt, self.iterations)
        hashes = ((CredentialKind.PASSWORD, argon2), (CredentialKind.SCRAM, str(keys)))
        return tuple((Credential(new_id(now), owner_id, kind, _SLOT, "write", now), text) for kind, text in hashes)

    async def verify(self, known: str | None, password: str) -> bool:
        """Tell whether the password belongs to the hash; without one the same work is done for nothing."""
        if self._nobodys is None:
            self._nobodys = await self._hash("nobody has this password")
        async with self._turn:
            right = await asyncio.to_thread(self._matches, known or self._nobodys, password[: LONGEST + 1])
        return right and known is not None

    async def _hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password.encode("utf-8", "surrogatepass"))

    def _matches(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False


async def keep_password(unit: Unit, kept: Secrets) -> None:
    """Store a new password in place of the one before, in every form, within a unit of work."""
    for credential, secret_hash in kept:
        await unit.credentials.add(credential, secret_hash)
