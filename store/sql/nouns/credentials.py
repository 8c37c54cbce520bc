"""Credentials over SQL."""

from collections.abc import Mapping

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Credential, CredentialKind, Principal
from store.sql.nouns.principals import principal_of
from store.sql.session import Row, Session, rows_json


def _credential_of(row: Row) -> Credential:
    return Credential(
        id=row["id"],
        principal_id=row["principal_id"],
        kind=CredentialKind(row["kind"]),
        slot=row["slot"],
        scope=row["scope"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )


class SqlCredentials:
    """Implements `store.ports.credentials.Credentials`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, credential: Credential, secret_hash: str) -> None:
        """See the port. A live secret belongs to one principal only: `Conflict` when another one holds it."""
        kind = credential.kind.value
        if await self._session.fetch_one("credentials.held_by_other", secret_hash, credential.principal_id):
            raise Conflict("The secret belongs to somebody else.")
        await self._session.execute(
            "credentials.replace", credential.principal_id, kind, credential.slot, credential.created_at
        )
        await self._session.execute(
            "credentials.add",
            credential.id,
            credential.principal_id,
            kind,
            credential.slot,
            credential.scope,
            secret_hash,
            credential.created_at,
            credential.expires_at,
            credential.last_used_at,
            credential.revoked_at,
        )

    async def authenticate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """See the port."""
        row = await self._session.fetch_one("credentials.authenticate", secret_hash, at)
        return None if row is None else (_credential_of(row), principal_of(row, "p_"))

    async def by_certificate(self, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        """See the port."""
        row = await self._session.fetch_one("credentials.by_certificate", secret_hash, at)
        return None if row is None else (_credential_of(row), principal_of(row, "p_"))

    async def secret_hash(self, principal_id: str, kind: CredentialKind) -> str | None:
        """See the port."""
        row = await self._session.fetch_one("credentials.secret_hash", principal_id, kind.value)
        return None if row is None else str(row["secret_hash"])

    async def use_login_link(self, slot: str, secret_hash: str, at: int) -> Principal | None:
        """See the port."""
        used = await self._session.fetch_one("credentials.use_login_link", slot, secret_hash, at)
        if used is None:
            return None
        row = await self._session.fetch_one("principals.get", used["principal_id"])
        return None if row is None else principal_of(row)

    async def of(self, principal_id: str) -> list[Credential]:
        """See the port."""
        return [_credential_of(row) for row in await self._session.fetch("credentials.of", principal_id)]

    async def get(self, credential_id: str) -> Credential | None:
        """See the port."""
        row = await self._session.fetch_one("credentials.get", credential_id)
        return None if row is None else _credential_of(row)

    async def revoke(self, credential_id: str, at: int) -> bool:
        """See the port."""
        return await self._session.execute("credentials.revoke", credential_id, at) > 0

    async def used(self, moments: Mapping[str, int]) -> None:
        """See the port."""
        await self._session.execute("credentials.used", rows_json(moments.items()))

    async def forget(self, before: int) -> None:
        """See the port."""
        await self._session.execute("credentials.forget", before)
