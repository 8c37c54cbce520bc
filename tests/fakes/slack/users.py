"""Members of the workspace, human or bot (https://docs.slack.dev/reference/objects/user-object)."""

from dataclasses import dataclass

from .settings import Json


@dataclass(slots=True, kw_only=True)
class User:
    """One member; ``bot_id`` and ``app_id`` are empty for humans."""

    id: str
    name: str
    real_name: str
    display_name: str = ""
    email: str = ""
    bot_id: str = ""
    app_id: str = ""
    deleted: bool = False

    @property
    def shown(self) -> str:
        """The name other people see beside this member's messages."""
        return self.display_name or self.real_name or self.name

    def render(self, team_id: str, site: str, *, with_email: bool) -> Json:
        """The user object; the address is left out without the ``users:read.email`` scope."""
        avatar = f"{site}/avatars/{self.id}.png"
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "image_48": avatar,
            "image_72": avatar,
            "image_192": avatar,
            "team": team_id,
        }
        if self.bot_id:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id}
        elif with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": bool(self.bot_id),
            "is_app_user": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "tz": "Etc/UTC",
            "tz_offset": 0,
            "profile": profile,
        }
