"""Webhooks of channels."""

from dataclasses import dataclass

from .settings import Json

PER_CHANNEL = 15


@dataclass(slots=True, kw_only=True)
class Webhook:
    """An incoming webhook; only the application that made it gets to see its token."""

    id: str
    token: str
    channel_id: str
    guild_id: str
    name: str
    application_id: str = ""
    user: Json | None = None

    def render(self, application_id: str) -> Json:
        """The webhook object, for an application."""
        body: Json = {
            "id": self.id,
            "type": 1,
            "guild_id": self.guild_id,
            "channel_id": self.channel_id,
            "name": self.name,
            "avatar": None,
            "application_id": self.application_id or None,
            "user": self.user,
        }
        return body | ({"token": self.token} if application_id == self.application_id else {})
