"""Port: approvals."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.approvals import Approval, ApprovalState


@dataclass(frozen=True, slots=True)
class ApprovalFilter:
    """Which approvals to list. Private channels are listed only to their members (`viewer_id`)."""

    viewer_id: str
    state: ApprovalState | None = None
    approver_id: str | None = None
    limit: int = 50


class Approvals(Protocol):
    """Approvals by id. Whoever changes one reads it and saves it in one unit of work: writers are serialised."""

    async def insert(self, approval: Approval) -> None:
        """Store a new approval."""
        ...

    async def save(self, approval: Approval) -> None:
        """Replace what changes in an approval's life: its state, who answered, when and why."""
        ...

    async def get(self, approval_id: str) -> Approval | None:
        """Return the approval."""
        ...

    async def by_short_id(self, short_id: str) -> list[Approval]:
        """Return those whose id begins so, pending ones first, then the newest; at most ten."""
        ...

    async def find(self, wanted: ApprovalFilter) -> list[Approval]:
        """Return approvals, newest first."""
        ...

    async def count_pending(self, requested_by: str) -> int:
        """Return how many of somebody's requests nobody has answered."""
        ...

    async def overdue(self, at: int, limit: int) -> list[Approval]:
        """Return pending approvals that expire at `at` or earlier, oldest first."""
        ...
