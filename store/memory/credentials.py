"""Credentials in memory."""

from collections.abc import Mapping
from dataclasses import replace

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Credential, CredentialKind, Principal
from store.memory.tables import Tables

_ONE_PER_SLOT = (CredentialKind.AGENT_KEY, CredentialKind.PASSWORD, CredentialKind.SCRAM)
_PRESENTED = (CredentialKind.AGENT_KEY, CredentialKind.TOKEN)


class MemoryCredentials:
    """See `store.ports.credentials.Credentials`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.credentials
        self._principals = tables.principals

    async def add(self, credential: Credential, secret_hash: str) -> None:
        """Store a credential in its slot."""
        for other, stored in self._table.rows():
            if stored == secret_hash and other.revoked_at is None and other.principal_id != credential.principal_id:
                raise Conflict("The secret belongs to somebody else")
        if credential.kind in _ONE_PER_SLOT:
            place = (credential.principal_id, credential.kind, credential.slot)
            for other, _ in self._table.rows():
                if (other.principal_id, other.kind, other.slot) == place:
                    await self.revoke(other.id, credential.created_at)
        self._table.put(credential.id, (credential, secret_hash))

    async def authenticate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """Return whose live key or token has that hash."""
        return self._live(secret_hash, at, _PRESENTED)

    async def by_certificate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """Return whose live client certificate has that hash."""
        return self._live(secret_hash, at, (CredentialKind.CERTIFICATE,))

    async def secret_hash(self, principal_id: str, kind: CredentialKind) -> str | None:
        """Return what is stored of the principal's live password or SCRAM keys."""
        for row, secret_hash in reversed(self._table.rows()):
            if (row.principal_id, row.kind, row.revoked_at) == (principal_id, kind, None):
                return secret_hash
        return None

    async def use_login_link(self, slot: str, secret_hash: str, at: int) -> Principal | None:
        """Revoke the one-time secret and return whose it is."""
        found = self._live(secret_hash, at, (CredentialKind.LOGIN_LINK,))
        if found is None or found[0].slot != slot:
            return None
        credential, principal = found
        await self.revoke(credential.id, at)
        return principal

    async def of(self, principal_id: str) -> list[Credential]:
        """Return the principal's credentials, newest first."""
        rows = [row for row, _ in reversed(self._table.rows()) if row.principal_id == principal_id]
        return sorted(rows, key=lambda row: row.created_at, reverse=True)

    async def get(self, credential_id: str) -> Credential | None:
        """Return one credential."""
        found = self._table.get(credential_id)
        return found[0] if found else None

    async def revoke(self, credential_id: str, at: int) -> bool:
        """Revoke it; False when there is nothing to revoke."""
        found = self._table.get(credential_id)
        if found is None or found[0].revoked_at is not None:
            return False
        self._table.put(credential_id, (replace(found[0], revoked_at=at), found[1]))
        return True

    async def used(self, moments: Mapping[str, int]) -> None:
        """Move `last_used_at` forward."""
        for credential_id, at in moments.items():
            if (found := self._table.get(credential_id)) is not None:
                row, secret_hash = found
                row = replace(row, last_used_at=max(at, row.last_used_at or at))
                self._table.put(credential_id, (row, secret_hash))

    async def forget(self, before: int) -> None:
        """Forget what is revoked or expired for long."""
        for row, _ in self._table.rows():
            if any(at is not None and at < before for at in (row.revoked_at, row.expires_at)):
                self._table.remove(row.id)

    def _live(
        self, secret_hash: str, at: int, kinds: tuple[CredentialKind, ...]
    ) -> tuple[Credential, Principal] | None:
        for row, stored in self._table.rows():
            expired = row.expires_at is not None and row.expires_at <= at
            if stored == secret_hash and row.kind in kinds and row.revoked_at is None and not expired:
                return row, self._principals[row.principal_id]
        return None
