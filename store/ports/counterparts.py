"""Port: which message is which on a platform, and which reactions came from there or were put there. Kept for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

OURS = ""
"""The user of reactions that the bridge's own account hung on a message."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A hub message (or its piece `number`) and its counterpart on a platform.

    `inbound` is one that was written there. `hash` is of the hub message's text when the counterpart had it last;
    `version` is that of the platform's newest edit that was taken over. `gone` is one that is not there any more;
    `thread` is the remote id of its thread's first message.
    """

    link_id: str
    message_id: str
    number: int
    remote_id: str
    inbound: bool
    created_at: int
    hash: str = ""
    version: str = ""
    gone: bool = False
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An emoji on a message of a platform: hung there by a user, whom `principal_id` stands for, or by us: `OURS`."""

    link_id: str
    remote_id: str
    emoji: str
    remote_user: str
    principal_id: str = ""


class Counterparts(Protocol):
    """Pairs and marks."""

    async def add(self, pair: Pair) -> None:
        """Keep a pair; one that is there already stays."""
        ...

    async def save(self, pair: Pair) -> None:
        """Replace hash, version and gone of the pair."""
        ...

    async def of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """Return the pair of a remote message."""
        ...

    async def of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """Return the counterparts of a hub message, by number, those that are gone too."""
        ...

    async def recent(self, link_id: str, since: int, limit: int) -> list[Pair]:
        """Return the newest pairs made since that moment that are not gone, oldest first."""
        ...

    async def mark(self, mark: Mark) -> None:
        """Keep a mark; one that is there already stays."""
        ...

    async def unmark(self, mark: Mark) -> None:
        """Forget a mark."""
        ...

    async def marks(self, link_id: str, remote_ids: Sequence[str]) -> list[Mark]:
        """Return the marks on these remote messages."""
        ...
