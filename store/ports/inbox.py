"""Port: inbox items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.inbox import InboxItem

Position = tuple[int, str]
"""A place among items, oldest first: when one was made, and its id."""

START: Position = (0, "")


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item that a guard holds back, and who sent what it is about, None when that is gone."""

    item: InboxItem
    sender_id: str | None


class Inbox(Protocol):
    """What waits for a principal."""

    async def add(self, items: Sequence[InboxItem]) -> None:
        """Queue items; one that repeats (principal, kind, message or task) is ignored."""
        ...

    async def held(self, limit: int, after: Position = START) -> list[HeldItem]:
        """Return the oldest items that guards hold back, whosever they are, behind the one of that time and id."""
        ...

    async def release(self, item_ids: Sequence[str]) -> list[InboxItem]:
        """Queue those of these items that are held; return them as they are then, oldest first."""
        ...

    async def get(self, item_id: str) -> InboxItem | None:
        """Return the item."""
        ...

    async def take(
        self, principal_id: str, limit: int, at: int, redeliver_before: int, after: Position = START
    ) -> list[InboxItem]:
        """Hand out, as delivered at `at`, the oldest items queued, or delivered before `redeliver_before`.

        They are behind the position `after`, and none of them is held.
        """
        ...

    async def pending(self, principal_id: str, limit: int, after: Position = START) -> list[InboxItem]:
        """Return the oldest items behind a position that are neither acknowledged nor held, handing out none."""
        ...

    async def ack(self, principal_id: str, item_ids: Sequence[str], at: int) -> list[InboxItem]:
        """Acknowledge the principal's own items; return those that were not before."""
        ...

    async def ack_messages(self, principal_id: str, message_ids: Sequence[str], at: int) -> list[InboxItem]:
        """Acknowledge the principal's items about these messages; return those that were not before."""
        ...

    async def withdraw(self, message_id: str, principal_ids: Sequence[str]) -> None:
        """Remove the items about a message that these principals have not acknowledged."""
        ...

    async def withdraw_task(self, task_id: str) -> None:
        """Remove every item about a task, acknowledged or not, so that it can be offered anew."""
        ...

    async def receipts(self, message_id: str) -> list[InboxItem]:
        """Return the items made for a message: how far its delivery got with each addressee."""
        ...
