"""Port: up to where the devices of a principal have read the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cursor:
    """One device of a principal has certainly received everything up to `seq`, as of `at`."""

    principal_id: str
    device: str
    seq: int
    at: int


class Cursors(Protocol):
    """Cursors by principal and device. They only move forward."""

    async def get(self, principal_id: str, device: str) -> Cursor | None:
        """Return the device's cursor, else the furthest one of the principal's devices; None when there is none."""
        ...

    async def save(self, cursors: Sequence[Cursor]) -> None:
        """Save them all at once; one that is behind what is stored changes nothing."""
        ...

    async def keep_newest(self, principal_ids: Sequence[str], count: int) -> None:
        """Of each of these principals keep the `count` cursors that were saved last."""
        ...
