"""Channels and memberships."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ChannelType(StrEnum):
    """What a channel is for. `DIRECT` channels belong to two principals and are visible to nobody else."""

    PROJECT = "project"
    TECHNOLOGY = "technology"
    ENVIRONMENT = "environment"
    GLOBAL = "global"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where messages are posted; `last_number` is the number of its newest message, 0 when empty."""

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

    @property
    def direct(self) -> bool:
        """Whether only the channel's two members may see it."""
        return self.type is ChannelType.DIRECT


@dataclass(frozen=True, slots=True)
class Membership:
    """A principal in a channel; everything numbered up to `read_number` counts as read."""

    channel_id: str
    principal_id: str
    joined_at: int
    role: str = "member"
    read_number: int = 0
    read_at: int | None = None
