"""Port: what the relay must not forget: links, events received, parts to send, and which message is which."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Link:
    """A hub channel tied to a channel of a platform. `direction` is `both`, `in` or `out`."""

    id: str
    channel_id: str
    platform: str
    workspace: str
    remote_channel: str
    created_at: int
    direction: str = "both"
    paused: bool = False
    watermark: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A raw event of a platform as stored before it was acknowledged. `payload` is JSON text."""

    link_id: str
    key: str
    order_key: str
    payload: str
    attempts: int = 0


class PartState(StrEnum):
    """`pending` until attempted, `sending` while the outcome is unknown; `sent` and `dead` are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message for one link, in the order of (`seq`, `number`); `seq` is the event that caused it.

    `changed_at` is when its state last changed.
    """

    link_id: str
    seq: int
    number: int
    message_id: str
    text: str
    state: PartState = PartState.PENDING
    attempts: int = 0
    sent_after: str | None = None
    remote_id: str | None = None
    error: str | None = None
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A hub message (or its part `number`) and its counterpart on a platform, kept for ever."""

    link_id: str
    message_id: str
    number: int
    remote_id: str
    inbound: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class Identity:
    """A platform's user and the principal that stands for them."""

    platform: str
    workspace: str
    remote_user: str
    principal_id: str
    display_name: str
    avatar_url: str | None = None


class Relay(Protocol):
    """The relay's memory."""

    async def save_link(self, link: Link) -> None:
        """Insert the link, or replace direction and pause of the one with that id.

        Raises:
            Conflict: the remote channel is linked already.
        """
        ...

    async def delete_link(self, link_id: str) -> bool:
        """Remove the link with everything queued for it; False when there is none. Pairs stay."""
        ...

    async def links(self) -> list[Link]:
        """Return all links, oldest first."""
        ...

    async def receive(self, link_id: str, key: str, order_key: str, payload: str, at: int) -> bool:
        """Store an event; False when it was stored before, whether or not it was processed since."""
        ...

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """Return the link's unprocessed events by order key."""
        ...

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """Mark the event done (with the reason when it could not be used) and move the link's watermark forward."""
        ...

    async def retry_later(self, received: Received) -> None:
        """Count a failed attempt; the event stays unprocessed."""
        ...

    async def plan(self, parts: Sequence[Part], cursor: int) -> None:
        """Queue parts (each once) and move the relay's cursor over the log to `cursor`."""
        ...

    async def cursor(self) -> int:
        """Return up to where the log has been planned."""
        ...

    async def next_part(self, link_id: str) -> Part | None:
        """Return the first part of the lane that is neither sent nor dead."""
        ...

    async def save_part(self, part: Part) -> None:
        """Replace state, attempts, sent_after, remote_id, error and changed_at."""
        ...

    async def dead_parts(self, limit: int) -> list[Part]:
        """Return dead letters, newest first."""
        ...

    async def prune(self, before: int, limit: int) -> int:
        """Forget at most `limit` events processed, and as many parts sent, before that moment; return how many."""
        ...

    async def add_pair(self, pair: Pair) -> None:
        """Keep a pair; one that is there already stays."""
        ...

    async def pair_of_remote(self, link_id: str, remote_id: str) -> Pair | None:
        """Return the pair of a remote message."""
        ...

    async def pairs_of_message(self, link_id: str, message_id: str) -> list[Pair]:
        """Return the counterparts of a hub message, by part number."""
        ...

    async def newest_remote(self, link_id: str) -> str | None:
        """Return the greatest remote id among the link's pairs."""
        ...

    async def save_identity(self, identity: Identity) -> None:
        """Insert the identity, or replace its display name and avatar."""
        ...

    async def identity(self, platform: str, workspace: str, remote_user: str) -> Identity | None:
        """Return who stands for a platform's user."""
        ...

    async def identities(self) -> list[Identity]:
        """Return all identities."""
        ...
