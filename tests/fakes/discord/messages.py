"""Messages, with everything that hangs on them."""

from dataclasses import dataclass, field

from .files import Attachment
from .settings import Json
from .snowflakes import iso, seconds_of
from .users import User

DEFAULT, PINNED, JOINED, THREAD_CREATED, REPLY, COMMAND, THREAD_STARTER = 0, 6, 7, 18, 19, 20, 21
SHOWN = frozenset({DEFAULT, REPLY, COMMAND})
"""Types that people wrote; the others are Discord's own notices."""
SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL = 1 << 2, 1 << 5, 1 << 6
FORWARD = 1


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. ``pings`` are the ids of whom it notified, ``everyone`` among them; reactions: emoji -> user ids."""

    id: str
    channel_id: str
    guild_id: str
    author: User
    content: str = ""
    type: int = DEFAULT
    edited_at: float = 0.0
    webhook_id: str = ""
    application_id: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    stickers: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    poll: Json | None = None
    reference: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    mentions: list[User] = field(default_factory=list)
    pings: set[str] = field(default_factory=set)
    flags: int = 0
    nonce: str = ""
    ephemeral_for: str = ""
    pinned: bool = False

    def render(self, me: str = "") -> Json:
        """The message object, for the user ``me``."""
        body: Json = {
            "id": self.id,
            "channel_id": self.channel_id,
            "type": self.type,
            "author": self.author.render(),
            "content": self.content,
            "timestamp": iso(seconds_of(self.id)),
            "edited_timestamp": iso(self.edited_at) if self.edited_at else None,
            "tts": False,
            "mention_everyone": "everyone" in self.pings,
            "mentions": [user.render() for user in self.mentions],
            "mention_roles": [],
            "attachments": [attachment.render() for attachment in self.attachments],
            "embeds": self.embeds,
            "pinned": self.pinned,
            "flags": self.flags,
            "components": self.components,
        }
        optional: Json = {
            "webhook_id": self.webhook_id,
            "application_id": self.application_id,
            "sticker_items": self.stickers,
            "poll": self.poll,
            "message_reference": self.reference,
            "message_snapshots": self.snapshots,
            "nonce": self.nonce,
            "reactions": [_reaction(key, users, me) for key, users in self.reactions.items()],
        }
        return body | {name: value for name, value in optional.items() if value}


def emoji(key: str) -> Json:
    """The partial emoji of ``👍`` or ``name:id``."""
    name, _, id = key.partition(":")
    return {"id": id or None, "name": name}


def _reaction(key: str, users: list[str], me: str) -> Json:
    return {
        "emoji": emoji(key),
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "me": me in users,
        "me_burst": False,
        "burst_colors": [],
    }
