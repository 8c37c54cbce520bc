"""The audit trail: who did what, as a chain of hashes in which a change of history shows."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from airchat.protocol.principals import Principal
from hub.core.permissions import Action, require
from store.ports.audit import AuditEntry
from store.ports.store import Store
from store.ports.unit import Unit

_STEP = 500


class Audit:
    """Reads and checks the trail; `record` adds to it from inside other use-cases."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    async def record(  # noqa: PLR0917 - the columns of a row, in order
        unit: Unit,
        at: int,
        actor_id: str | None,
        action: str,
        subject: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> AuditEntry:
        """Add an entry within the unit of work of what it tells of.

        `action` is `<noun>.<what happened>`, `subject` the id or name of what it happened to, `detail` JSON-ready and
        without secrets. `actor_id` is None when nobody with an account acted.
        """
        last = await unit.audit.last()
        entry = AuditEntry(
            seq=last.seq + 1 if last else 1,
            at=at,
            actor_id=actor_id,
            action=action,
            subject=subject,
            detail=detail or {},
            previous_hash=last.hash if last else "",
        )
        entry = replace(entry, hash=entry_hash(entry))
        await unit.audit.add(entry)
        return entry

    async def page(self, actor: Principal, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return entries with a `seq` below `before`, newest first.

        Raises:
            Forbidden: the actor is no admin.
        """
        require(actor, Action.READ_AUDIT)
        async with self._store.read() as unit:
            return await unit.audit.page(before, limit)

    async def verify(self) -> int | None:
        """Return the `seq` of the first entry that does not fit its content or its predecessor; None when all do."""
        broken: int | None = None
        following: AuditEntry | None = None
        async with self._store.read() as unit:
            while entries := await unit.audit.page(following.seq if following else None, _STEP):
                for entry in entries:
                    if following and not _follows(following, entry):
                        broken = following.seq
                    if entry.hash != entry_hash(entry):
                        broken = entry.seq
                    following = entry
        if following and (following.seq, following.previous_hash) != (1, ""):
            broken = following.seq
        return broken


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the canonical JSON of all other fields, the previous entry's hash among them."""
    fields = [entry.seq, entry.at, entry.actor_id, entry.action, entry.subject, entry.detail, entry.previous_hash]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def _follows(entry: AuditEntry, previous: AuditEntry) -> bool:
    return entry.seq == previous.seq + 1 and entry.previous_hash == previous.hash
