"""Port: principals of every kind."""

from collections.abc import Sequence
from typing import Protocol

from airchat.protocol.principals import Principal


class Principals(Protocol):
    """Who exists. Names are unique over all kinds."""

    async def save(self, principal: Principal) -> None:
        """Insert the principal, or replace everything but its id, kind and created_at.

        Raises:
            Conflict: another principal has the name.
        """
        ...

    async def get(self, principal_id: str) -> Principal | None:
        """Return the principal with that id."""
        ...

    async def by_name(self, name: str) -> Principal | None:
        """Return the principal with that name, active or not."""
        ...

    async def by_names(self, names: Sequence[str]) -> list[Principal]:
        """Return those of these principals that exist, active or not, each once."""
        ...

    async def by_ids(self, principal_ids: Sequence[str]) -> list[Principal]:
        """Return those of these principals that exist, active or not, each once."""
        ...

    async def all(self) -> list[Principal]:
        """Return everybody, by name."""
        ...

    async def seen(self, principal_ids: Sequence[str], at: int) -> None:
        """Move `last_seen_at` of all of them forward to `at`, never back."""
        ...

    async def set_status(self, principal_id: str, status: str | None, at: int) -> None:
        """Set the presence text and move `last_seen_at` forward."""
        ...
