"""Channels, forums and threads."""

from dataclasses import dataclass, field

from .messages import Message
from .settings import Json
from .snowflakes import iso, seconds_of

TEXT, VOICE, CATEGORY, NEWS = 0, 2, 4, 5
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 10, 11, 12, 15
THREADS = frozenset({NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD})


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel, a forum, or a thread (which has a parent). Overwrites: role or user id -> (allow, deny)."""

    id: str
    guild_id: str
    name: str
    type: int = TEXT
    topic: str = ""
    parent_id: str = ""
    owner_id: str = ""
    archived: bool = False
    archived_at: float = 0.0
    locked: bool = False
    overwrites: dict[str, tuple[int, int]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    tags: list[Json] = field(default_factory=list)
    applied_tags: list[str] = field(default_factory=list)
    flags: int = 0

    @property
    def is_thread(self) -> bool:
        """Whether it hangs under another channel."""
        return self.type in THREADS

    def render(self) -> Json:
        """The channel object."""
        newest = max(self.messages, key=int, default=None)
        body: Json = {
            "id": self.id,
            "guild_id": self.guild_id,
            "type": self.type,
            "name": self.name,
            "parent_id": self.parent_id or None,
            "last_message_id": newest,
            "rate_limit_per_user": 0,
            "flags": self.flags,
        }
        return body | (self._thread() if self.is_thread else self._channel())

    def _channel(self) -> Json:
        overwrites = [
            {"id": id, "type": 0, "allow": str(allow), "deny": str(deny)}
            for id, (allow, deny) in self.overwrites.items()
        ]
        body = {
            "topic": self.topic or None,
            "position": 0,
            "permission_overwrites": overwrites,
            "nsfw": False,
            "last_pin_timestamp": None,
        }
        return body | ({"available_tags": self.tags, "default_reaction_emoji": None} if self.type == FORUM else {})

    def _thread(self) -> Json:
        return {
            "owner_id": self.owner_id,
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": 1,
            "applied_tags": self.applied_tags,
            "thread_metadata": {
                "archived": self.archived,
                "auto_archive_duration": 4320,
                "archive_timestamp": iso(self.archived_at or seconds_of(self.id)),
                "create_timestamp": iso(seconds_of(self.id)),
                "locked": self.locked,
            },
        }
