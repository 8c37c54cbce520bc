"""Port: what the relay must not forget of its links, and who is who on the platforms."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Link:
    """A hub channel tied to a channel of a platform. `direction` is `both`, `in` or `out`.

    `source` tells who asked for it, `rules` what is mirrored and from whom. `reading` is how far an interrupted reading
    of the history came; `topic` is the topic that the remote channel is known to have.
    """

    id: str
    channel_id: str
    platform: str
    workspace: str
    remote_channel: str
    created_at: int
    direction: str = "both"
    paused: bool = False
    watermark: str | None = None
    remote_name: str | None = None
    source: str = "settings"
    rules: dict[str, Any] = field(default_factory=dict)
    reading: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link that a command asked for; `channel` and `remote` may be patterns with one `*`."""

    id: str
    channel: str
    platform: str
    remote: str
    created_at: int
    direction: str = "both"
    rules: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BridgeState:
    """How a platform's bridge is.

    `state` is `running`, `starting`, `waiting` (it tries again) or `stopped` (a human has to act).
    """

    platform: str
    state: str
    since: int
    workspace: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """What a platform does not take from one moment until another, because it said so."""

    platform: str
    scope: str
    since: int
    until: int


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
    """Links, how bridges are, and identities."""

    async def save_link(self, link: Link) -> None:
        """Insert the link, or replace what can change of the one with that id.

        That is direction, pause, remote name, source and rules.

        Raises:
            Conflict: the remote channel is linked already.
        """
        ...

    async def delete_link(self, link_id: str) -> bool:
        """Remove the link with everything queued for it; False when there is none. Counterparts stay known."""
        ...

    async def links(self) -> list[Link]:
        """Return all links, oldest first."""
        ...

    async def save_reading(self, link_id: str, reading: str | None) -> None:
        """Keep how far a reading of the history came."""
        ...

    async def save_topic(self, link_id: str, topic: str) -> None:
        """Keep which topic the remote channel has."""
        ...

    async def want(self, wanted: Wanted) -> None:
        """Keep that a link is asked for."""
        ...

    async def unwant(self, wanted_id: str) -> bool:
        """Forget that; False when it was not known."""
        ...

    async def wanted(self) -> list[Wanted]:
        """Return what commands asked for, oldest first."""
        ...

    async def save_state(self, state: BridgeState) -> None:
        """Keep how a bridge is."""
        ...

    async def states(self) -> list[BridgeState]:
        """Return how every bridge was when it last changed, by platform."""
        ...

    async def close(self, closed: Closed) -> None:
        """Keep that something is closed; what was known of that scope is replaced."""
        ...

    async def closed(self, platform: str) -> list[Closed]:
        """Return what was closed, by scope."""
        ...

    async def forget_closed(self, before: int) -> int:
        """Forget what is open again since before that moment; return how many that were."""
        ...

    async def save_identity(self, identity: Identity) -> None:
        """Insert the identity, or replace whom it stands for, its display name and avatar."""
        ...

    async def identity(self, platform: str, workspace: str, remote_user: str) -> Identity | None:
        """Return who stands for a platform's user."""
        ...

    async def identities(self) -> list[Identity]:
        """Return all identities."""
        ...
