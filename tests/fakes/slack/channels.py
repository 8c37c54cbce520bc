"""Conversations: public and private channels, direct messages; and message timestamps."""

from dataclasses import dataclass, field
from typing import Literal

from .messages import Message
from .settings import Json

Kind = Literal["channel", "group", "im", "mpim"]

SCOPE_PREFIX: dict[Kind, str] = {
    "channel": "channels",
    "group": "groups",
    "im": "im",
    "mpim": "mpim",
}
"""``<prefix>:history`` and ``<prefix>:read`` are the scopes that open this kind."""

TYPE: dict[Kind, str] = {
    "channel": "public_channel",
    "group": "private_channel",
    "im": "im",
    "mpim": "mpim",
}
"""The words of the ``types`` argument of ``conversations.list``."""


def micros(ts: str) -> int:
    """A timestamp as whole microseconds, for comparing; raises ValueError if malformed."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)


def timestamp(value: int) -> str:
    """Whole microseconds as Slack writes them: ``1355517523.000005``."""
    return f"{value // 1_000_000}.{value % 1_000_000:06d}"


@dataclass(slots=True, kw_only=True)
class Channel:
    """One conversation with its members (user ids) and messages, oldest first."""

    id: str
    name: str
    kind: Kind
    created: int
    members: dict[str, None] = field(default_factory=dict)
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    last_ts: int = 0

    def next_ts(self, now: float) -> str:
        """A timestamp later than every earlier one of this channel."""
        self.last_ts = max(int(now * 1_000_000), self.last_ts + 1)
        return timestamp(self.last_ts)

    def render(self, viewer: str) -> Json:
        """The conversation object as the member ``viewer`` sees it."""
        if self.kind == "im":
            others = [member for member in self.members if member != viewer]
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "user": others[0] if others else viewer,
                "is_archived": False,
                "is_open": True,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_archived": self.archived,
            "is_general": self.name == "general",
            "is_member": viewer in self.members,
            "topic": {"value": self.topic, "creator": self.topic_by, "last_set": self.topic_at},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }
