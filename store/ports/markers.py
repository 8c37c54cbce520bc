"""Port: read markers, the moments up to which somebody's clients show what was said as read."""

from typing import Protocol


class Markers(Protocol):
    """Markers by principal and target, the id of what was read. They only move forward."""

    async def get(self, principal_id: str, target: str) -> int | None:
        """Return the moment, None when nothing was ever marked."""
        ...

    async def of(self, principal_id: str) -> dict[str, int]:
        """Return all markers of a principal by target."""
        ...

    async def move(self, principal_id: str, target: str, at: int) -> int:
        """Move the marker to `at` unless it is there or further; return where it stands now."""
        ...

    async def clear(self, principal_id: str) -> None:
        """Forget all markers of a principal."""
        ...
