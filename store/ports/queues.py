"""Port: what waits on its way between the hub and the platforms: events received, and what has to go out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """A raw event of a platform as stored before it was acknowledged. `payload` is JSON text.

    `waits_for` is the remote id of a message that has to come before it; `error` says why it could not be used.
    """

    link_id: str
    key: str
    order_key: str
    payload: str
    attempts: int = 0
    received_at: int = 0
    waits_for: str | None = None
    error: str | None = None


class OutgoingKind(StrEnum):
    """What the event was that has to be shown on the platform; `change` is an edit or a deletion."""

    MESSAGE = "message"
    CHANGE = "change"
    REACTION = "reaction"
    TOPIC = "topic"
    MEMBER = "member"


class OutgoingState(StrEnum):
    """`pending` until attempted, `sending` while the outcome of a post is unknown; `sent` and `dead` are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one event of the log means for one link; a lane is a link's outgoing in the order of `seq`.

    `subject_id` is the message, channel or principal it is about. While it is `sending`, `number` and `content` are the
    piece that was posted, first at `attempted_at`, when `sent_after` was the link's watermark. `planned_at` is the
    event's time, `changed_at` when the state last changed.
    """

    link_id: str
    seq: int
    kind: OutgoingKind
    subject_id: str
    planned_at: int
    detail: dict[str, Any] = field(default_factory=dict)
    state: OutgoingState = OutgoingState.PENDING
    number: int = 0
    content: str = ""
    attempts: int = 0
    attempted_at: int | None = None
    sent_after: str | None = None
    error: str | None = None
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """So many posts over a link, recorded at a moment; None for one of which nobody knows whether it has arrived."""

    link_id: str
    at: int | None
    posts: int = 1


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a link waits, and since when: events to process, and changes to send."""

    link_id: str
    received: int = 0
    outgoing: int = 0
    oldest: int | None = None
    dead: int = 0


class Queues(Protocol):
    """One queue in and one lane out for every link."""

    async def receive(self, event: Received) -> bool:
        """Store an event; False when it was stored before, whether or not it was processed since."""
        ...

    async def waiting(self, link_id: str, limit: int) -> list[Received]:
        """Return the link's unprocessed events by order key, without those that wait for a message."""
        ...

    async def processed(self, received: Received, at: int, error: str | None = None) -> None:
        """Mark the event done and move the link's watermark forward; with an error its payload is kept."""
        ...

    async def retry_later(self, received: Received) -> None:
        """Count a failed attempt; the event stays unprocessed."""
        ...

    async def hold(self, received: Received, remote_id: str) -> None:
        """Let an event wait until a message comes; the watermark moves forward."""
        ...

    async def release(self, link_id: str, remote_id: str) -> int:
        """Let what waited for a message wait no longer; return how many that were."""
        ...

    async def held_since(self, link_id: str, before: int, limit: int) -> list[Received]:
        """Return events that were received before that moment and wait for a message still."""
        ...

    async def plan(self, outgoing: Sequence[Outgoing], cursor: int) -> None:
        """Queue what has to go out (each once) and move the relay's cursor over the log to `cursor`."""
        ...

    async def cursor(self) -> int:
        """Return up to where the log has been planned."""
        ...

    async def due(self, link_id: str, limit: int) -> list[Outgoing]:
        """Return the first of the lane that are neither sent nor dead."""
        ...

    async def sending(self, link_id: str) -> list[Outgoing]:
        """Return all of the lane that are `sending`, wherever in it they are."""
        ...

    async def save_outgoing(self, outgoing: Outgoing) -> None:
        """Replace what can change: state, number, content, attempts, error and the moments."""
        ...

    async def posted(self, since: int) -> list[Posted]:
        """Return what was posted since that moment, and what may be being posted."""
        ...

    async def backlogs(self) -> list[Backlog]:
        """Return what waits, of each link that has something waiting or dead."""
        ...

    async def dead_outgoing(self, limit: int) -> list[Outgoing]:
        """Return what could not be sent, newest first."""
        ...

    async def dead_received(self, limit: int) -> list[Received]:
        """Return what could not be used, newest first."""
        ...

    async def revive_outgoing(self, link_id: str, seq: int, at: int) -> bool:
        """Make a dead letter pending again, or `sending` if it was ever attempted; False when it is none."""
        ...

    async def revive_received(self, link_id: str, key: str) -> bool:
        """Make an event that could not be used unprocessed again; False when it is none."""
        ...

    async def prune(self, before: int, limit: int) -> int:
        """Forget at most `limit` each of those processed, sent and dead before that moment; return how many."""
        ...
