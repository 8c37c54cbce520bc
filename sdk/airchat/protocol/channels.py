"""Channels and memberships."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FLAGS = frozenset(
    {
        "invite_only",
        "moderated",
        "members_only",
        "topic_locked",
        "secret",
        "no_ctcp",
        "registered_only",
        "op_moderated",
        "auditorium",
    }
)
"""Modes that are on or off: `True` in a channel's modes, or not there."""

LISTS = {"ban": "bans", "exception": "exceptions", "invitation": "invitations", "mute": "mutes"}
"""Modes that are lists of masks, and where a channel's modes have each: `{"mask", "by", "at"}`, in the order made."""

LIST_LENGTH = 100
"""How many masks each list holds."""

MEMBER = "member"

ROLES = ("founder", "admin", "operator", "halfop", "voice")
"""What a member may be in a channel, the most first; several at a time."""

_PRIVATE = frozenset({"secret", "invite_only", "key"})


class ChannelType(StrEnum):
    """What a channel is for. `DIRECT` channels belong to two principals and are visible to nobody else."""

    PROJECT = "project"
    TECHNOLOGY = "technology"
    ENVIRONMENT = "environment"
    GLOBAL = "global"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where messages are posted; `last_number` is the number of its newest message, 0 when empty.

    `modes` say who may come in and speak: `FLAGS`, `LISTS`, `limit` (members at most) and `key` (what to say when
    joining; `*` outside the store, which alone knows it). `topic_by` is the name of whoever set the topic, `topic_at`
    when.
    """

    id: str
    name: str
    type: ChannelType
    created_at: int
    created_by: str | None = None
    description: str | None = None
    topic: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    last_number: int = 0
    modes: dict[str, Any] = field(default_factory=dict)
    topic_by: str | None = None
    topic_at: int | None = None

    @property
    def direct(self) -> bool:
        """Whether only the channel's two members may see it."""
        return self.type is ChannelType.DIRECT

    @property
    def private(self) -> bool:
        """Whether only members may read it: a direct channel, or one whose modes keep others out."""
        return self.direct or not _PRIVATE.isdisjoint(self.modes)


@dataclass(frozen=True, slots=True)
class Membership:
    """A principal in a channel; everything numbered up to `read_number` counts as read.

    `role` is what `role_text` makes of the member's roles.
    """

    channel_id: str
    principal_id: str
    joined_at: int
    role: str = MEMBER
    read_number: int = 0
    read_at: int | None = None


@dataclass(frozen=True, slots=True)
class ModeChange:
    """One change of a channel's modes.

    `mode` is one of `FLAGS`, of `LISTS` (`value` is the mask), of `ROLES` (the member's principal id), `key` or `limit`
    (its text; none is needed to take it away).
    """

    add: bool
    mode: str
    value: str | None = None


def role_text(roles: Iterable[str]) -> str:
    """Return roles as a membership has them: sorted, with commas, or `member` for none."""
    return ",".join(sorted(roles)) or MEMBER


def roles_of(text: str) -> frozenset[str]:
    """Return the roles that `role_text` made the text of."""
    return frozenset(text.split(",")).intersection(ROLES)


def shown_modes(modes: dict[str, Any]) -> dict[str, Any]:
    """Return the modes as anybody may see them: that there is a key, not which."""
    return modes | {"key": "*"} if "key" in modes else modes
