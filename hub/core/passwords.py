"""Passwords: argon2 in a thread, and as much work for a name that nobody has."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from airchat.protocol.errors import InvalidInput

SHORTEST = 8
LONGEST = 1_000

_AT_ONCE = 2  # each takes a core and 64 MiB


class Passwords:
    """Hashes and verifies, a few at a time so that logins cannot use up the machine."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return the argon2 hash of a new password.

        Raises:
            InvalidInput: it is too short or too long.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidInput(f"password must have {SHORTEST}-{LONGEST} characters", "password")
        return await self._hash(password)

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
