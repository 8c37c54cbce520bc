"""Applications that are installed in the guild."""

from dataclasses import dataclass, field

from .settings import Json
from .users import User

FLAGS = {"message_content": 1 << 18, "members": 1 << 14}
"""Application flags of an unverified app whose privileged intents are switched on."""


@dataclass(slots=True, kw_only=True)
class App:
    """An application with its bot. ``commands`` are those registered, globally or in the guild."""

    id: str
    name: str
    bot: User
    token: str
    commands: list[Json] = field(default_factory=list)

    def render(self, privileged: frozenset[str]) -> Json:
        """The application object."""
        flags = 0
        for name, bit in FLAGS.items():
            flags |= bit if name in privileged else 0
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": False,
            "bot_require_code_grant": False,
            "owner": {"id": "1", "username": "owner", "discriminator": "0", "avatar": None},
            "verify_key": "0" * 64,
            "flags": flags,
        }
