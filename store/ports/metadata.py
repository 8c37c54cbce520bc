"""Port: what clients keep on a principal or a channel, as texts by key."""

from collections.abc import Collection, Sequence
from typing import Protocol


class Metadata(Protocol):
    """Values by subject (the id of a principal or channel) and key."""

    async def all(self, subject_id: str) -> dict[str, str]:
        """Return the subject's values, by key."""
        ...

    async def of(self, subject_ids: Sequence[str], keys: Collection[str]) -> dict[str, dict[str, str]]:
        """Return the values of these keys, by subject and key; without the subjects that have none."""
        ...

    async def set(self, subject_id: str, key: str, value: str | None) -> bool:
        """Set the value, or remove it when it is None; False when it was so before."""
        ...

    async def clear(self, subject_id: str) -> list[str]:
        """Remove every value of the subject and return their keys, sorted."""
        ...
