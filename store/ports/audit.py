"""Port: the audit trail, a chain of hashes."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what. `hash` covers all other fields and the previous entry's hash, so a change of history shows."""

    seq: int
    at: int
    actor_id: str | None
    action: str
    subject: str | None
    detail: dict[str, Any] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""


class Audit(Protocol):
    """The trail. Entries are only ever added."""

    async def last(self) -> AuditEntry | None:
        """Return the newest entry."""
        ...

    async def add(self, entry: AuditEntry) -> None:
        """Add the next entry of the chain."""
        ...

    async def page(self, before_seq: int | None, limit: int) -> list[AuditEntry]:
        """Return entries, newest first."""
        ...
