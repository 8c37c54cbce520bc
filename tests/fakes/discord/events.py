"""What is announced over the gateway, and which intent one needs to hear of it."""

from dataclasses import dataclass

from .settings import Json

GUILDS, MEMBERS, GUILD_MESSAGES, REACTIONS, CONTENT = 1 << 0, 1 << 1, 1 << 9, 1 << 10, 1 << 15
PRIVILEGED = {"members": MEMBERS, "presences": 1 << 8, "message_content": CONTENT}
_INTENTS = {
    "MESSAGE_REACTION": REACTIONS,
    "MESSAGE": GUILD_MESSAGES,
    "CHANNEL": GUILDS,
    "THREAD": GUILDS,
    "GUILD_MEMBER": MEMBERS,
    "GUILD": GUILDS,
    "WEBHOOKS": 1 << 5,
}


@dataclass(slots=True, frozen=True)
class Event:
    """A dispatch: its name, its body, and the channel one must be able to see ("" for none)."""

    name: str
    body: Json
    channel_id: str = ""

    @property
    def intent(self) -> int:
        """The intent that subscribes to it; 0 for what everybody gets."""
        return next((bit for prefix, bit in _INTENTS.items() if self.name.startswith(prefix)), 0)


def without_content(body: Json, app_bot: str) -> Json:
    """A message as an app sees it that lacks the message_content intent, unless it concerns the app itself."""
    mentioned = any(user["id"] == app_bot for user in body.get("mentions", []))
    if "author" not in body or body["author"]["id"] == app_bot or mentioned:
        return body
    hidden = {"content": "", "attachments": [], "embeds": [], "components": []}
    return {key: hidden.get(key, value) for key, value in body.items() if key != "poll"}
