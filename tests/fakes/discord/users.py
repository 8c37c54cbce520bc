"""Users and members of the guild."""

from dataclasses import dataclass, field

from .settings import Json


@dataclass(slots=True, kw_only=True)
class User:
    """An account; within the guild it may have a nickname and roles. A webhook's message has one of its own."""

    id: str
    username: str
    global_name: str = ""
    nick: str = ""
    avatar: str = ""
    bot: bool = False
    roles: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The name others see."""
        return self.nick or self.global_name or self.username

    @property
    def mention(self) -> str:
        """How others mention them, in wire form."""
        return f"<@{self.id}>"

    def render(self) -> Json:
        """The user object."""
        body: Json = {
            "id": self.id,
            "username": self.username,
            "discriminator": "0" if not self.bot else "0001",
            "global_name": self.global_name or None,
            "avatar": self.avatar or None,
            "public_flags": 0,
        }
        return body | ({"bot": True} if self.bot else {})

    def render_member(self) -> Json:
        """The member object, without its user."""
        return {
            "nick": self.nick or None,
            "avatar": None,
            "roles": list(self.roles),
            "joined_at": "2026-01-01T00:00:00.000000+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
