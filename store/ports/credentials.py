"""Port: credentials, stored as hashes only."""

from collections.abc import Mapping
from typing import Protocol

from airchat.protocol.principals import Credential, CredentialKind, Principal


class Credentials(Protocol):
    """Several per principal; one live agent key per slot."""

    async def add(self, credential: Credential, secret_hash: str) -> None:
        """Store a credential. An agent key, password or SCRAM keys revoke the live ones in the same slot.

        Raises:
            Conflict: the secret is live with another principal.
        """
        ...

    async def authenticate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """Return whose live key or token has that hash; None when unknown, revoked or expired at `at`.

        An inactive principal is returned too: the caller decides.
        """
        ...

    async def by_certificate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """Return whose live client certificate has that hash, as `authenticate` does for keys and tokens."""
        ...

    async def secret_hash(self, principal_id: str, kind: CredentialKind) -> str | None:
        """Return what is stored of the principal's live password or SCRAM keys."""
        ...

    async def use_login_link(self, slot: str, secret_hash: str, at: int) -> Principal | None:
        """Revoke the one-time secret and return whose it is; None when unknown, for another slot, used or expired."""
        ...

    async def of(self, principal_id: str) -> list[Credential]:
        """Return the principal's credentials, newest first, revoked ones included."""
        ...

    async def get(self, credential_id: str) -> Credential | None:
        """Return one credential."""
        ...

    async def revoke(self, credential_id: str, at: int) -> bool:
        """Revoke it; False when there is none or it was revoked before."""
        ...

    async def used(self, moments: Mapping[str, int]) -> None:
        """Move `last_used_at` of the credentials with these ids forward, each to its moment."""
        ...

    async def forget(self, before: int) -> None:
        """Forget those that were revoked, or expired, before that moment."""
        ...
