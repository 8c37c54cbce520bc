"""Messages as the workspace stores them, and the message object on the wire."""

from dataclasses import dataclass, field

from . import blocks as block_kit
from .files import File
from .settings import Json

TOMBSTONE = "This message was deleted."


@dataclass(slots=True, frozen=True)
class Edited:
    """Who last edited a message, and when; absent for unfurls and block-only updates."""

    user: str
    ts: str


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One message. ``ts`` and ``channel`` are set when it is posted; texts are in wire form."""

    text: str
    user: str = ""
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    broadcast: bool = False
    subtype: str = ""
    app_id: str = ""
    bot_id: str = ""
    username: str = ""
    icons: dict[str, str] = field(default_factory=dict)
    client_msg_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edited: Edited | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    replies: list["Message"] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    streaming: bool = False
    stream_ends: float = 0.0
    broken: bool = False
    """Slack ended its stream by itself, and nobody has said since what it should be."""

    @property
    def unfinished(self) -> bool:
        """Whether people see it as something that is still, or was never, written to its end."""
        return self.streaming or self.broken

    @property
    def is_reply(self) -> bool:
        """Whether it lives in a thread without being its root."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def in_channel(self) -> bool:
        """Whether channel history shows it (a thread reply only when it was broadcast)."""
        return not self.is_reply or self.broadcast

    @property
    def shown(self) -> str:
        """The text a person reads: the blocks if there are any, else the text."""
        return block_kit.readable(self.blocks) or self.text

    def render(self, team_id: str, site: str, *, with_metadata: bool = False) -> Json:
        """The message object of history pages, events and answers."""
        body: Json = {"type": "message", "text": self.text, "ts": self.ts, **self._author(team_id)}
        optional: Json = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "metadata": self.metadata if with_metadata else None,
            "files": [file.render(team_id, site) for file in self.files if not file.deleted],
            "reactions": [
                {"name": name, "users": list(users), "count": len(users)} for name, users in self.reactions.items()
            ],
        }
        body |= {key: value for key, value in optional.items() if value}
        if self.edited:
            body["edited"] = {"user": self.edited.user, "ts": self.edited.ts}
        return body | self._thread() | self.extra

    def _author(self, team_id: str) -> Json:
        fields: Json = {"user": self.user, "app_id": self.app_id, "bot_id": self.bot_id}
        fields |= {"username": self.username, "icons": self.icons}
        author = {key: value for key, value in fields.items() if value}
        return author | {"team": team_id} if self.user else author

    def _thread(self) -> Json:
        if self.is_reply:
            return {"thread_ts": self.thread_ts}
        if not self.replies:
            return {}
        users = list(dict.fromkeys(reply.user or reply.bot_id for reply in self.replies))
        return {
            "thread_ts": self.ts,
            "reply_count": len(self.replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": self.replies[-1].ts,
            "is_locked": False,
            "subscribed": False,
        }
