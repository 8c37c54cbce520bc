"""The guild: who and what is in it. Knows nothing of HTTP, sockets or delivery."""

from collections.abc import Callable, Iterator

from . import permissions
from .apps import App
from .channels import FORUM, PRIVATE_THREAD, TEXT, Channel
from .errors import ApiError, forbidden, no_access, unknown
from .events import Event
from .messages import Message
from .settings import Json, Settings
from .snowflakes import Snowflakes
from .users import User
from .webhooks import Webhook


class Guild:
    """Members, apps, channels and webhooks; what happens is announced to ``listeners``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.snowflakes = Snowflakes(settings.clock)
        self.id = self.snowflakes.next()
        self.name = "AirChat Test"
        self.site = ""
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.channels: dict[str, Channel] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.roles: dict[str, Json] = {}
        self.emojis: dict[str, str] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self.add_role("@everyone", permissions.EVERYBODY, role_id=self.id)

    def emit(self, name: str, body: Json, channel: Channel | None = None) -> None:
        """Announce what has happened; the model is changed already."""
        event = Event(name, body, channel.id if channel else "")
        for listener in self.listeners:
            listener(event)

    # -- members, roles and apps -------------------------------------------------------------

    def add_user(self, name: str, *, global_name: str = "", bot: bool = False) -> User:
        """Add a member; people are shown with a capital."""
        shown = global_name or ("" if bot else name.capitalize())
        user = User(id=self.snowflakes.next(), username=name, global_name=shown, bot=bot)
        self.users[user.id] = user
        return user

    def user_named(self, name: str) -> User | None:
        """The member with this user name, if there is one."""
        return next((user for user in self.users.values() if user.username == name), None)

    def add_role(self, name: str, allowed: int = 0, role_id: str = "") -> Json:
        """Add a role."""
        role: Json = {
            "id": role_id or self.snowflakes.next(),
            "name": name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": len(self.roles),
            "permissions": str(allowed),
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        self.roles[role["id"]] = role
        return role

    def install(self, name: str, token: str) -> App:
        """Install an application; its role may everything that a bridge needs."""
        bot = self.add_user(name, bot=True)
        role = self.add_role(name, permissions.BOT)
        bot.roles.append(role["id"])
        app = App(id=self.snowflakes.next(), name=name, bot=bot, token=token)
        self.apps[app.id] = app
        return app

    def add_emoji(self, name: str) -> str:
        """Add a custom emoji; returns its key ``name:id``."""
        emoji_id = self.snowflakes.next()
        self.emojis[emoji_id] = name
        return f"{name}:{emoji_id}"

    # -- channels ------------------------------------------------------------------------------

    def add_channel(self, name: str, type: int = TEXT) -> Channel:
        """Create a channel."""
        channel = Channel(id=self.snowflakes.next(), guild_id=self.id, name=name.removeprefix("#"), type=type)
        self.channels[channel.id] = channel
        return channel

    def channel(self, target: str) -> Channel:
        """By id, ``#name`` or name; raises ``Unknown Channel``."""
        if target in self.channels:
            return self.channels[target]
        name = target.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == name and not channel.is_thread:
                return channel
        raise unknown("Channel")

    def threads_of(self, channel: Channel) -> list[Channel]:
        """The threads under a channel, oldest first."""
        return [it for it in self.channels.values() if it.is_thread and it.parent_id == channel.id]

    def home(self, channel: Channel) -> Channel:
        """The channel itself, or the one a thread hangs under."""
        return self.channels[channel.parent_id] if channel.is_thread else channel

    def starter(self, thread: Channel) -> Message | None:
        """The message a thread started from: in the channel above, or, in a forum, its own first one."""
        parent = self.channels[thread.parent_id]
        return (thread if parent.type == FORUM else parent).messages.get(thread.id)

    def message(self, channel: Channel, message_id: str) -> Message:
        """A message of a channel; raises ``Unknown Message``."""
        if message_id not in channel.messages:
            raise unknown("Message")
        return channel.messages[message_id]

    def all_messages(self, channel: Channel) -> Iterator[Message]:
        """The messages of a channel and its threads, in order of time."""
        places = [channel, *self.threads_of(channel)]
        yield from sorted((m for place in places for m in place.messages.values()), key=lambda m: int(m.id))

    # -- permissions ---------------------------------------------------------------------------

    def allowed(self, user: User, channel: Channel | None = None) -> int:
        """The permissions of a member, in a channel or in general, as bits."""
        total = int(self.roles[self.id]["permissions"])
        for role in user.roles:
            total |= int(self.roles[role]["permissions"])
        if total & permissions.BITS["ADMINISTRATOR"]:
            return permissions.bits(permissions.BITS)
        if channel is not None:
            for target in (self.id, *user.roles, user.id):
                allow, deny = self.home(channel).overwrites.get(target, (0, 0))
                total = (total & ~deny) | allow
        return total

    def can(self, user: User, channel: Channel, *names: str) -> bool:
        """Whether a member has all these permissions; a private thread is for whom it belongs to."""
        if channel.type == PRIVATE_THREAD and user.id != channel.owner_id:
            names = (*names, "MANAGE_THREADS")
        wanted = permissions.bits(names)
        return self.allowed(user, channel) & wanted == wanted

    def need(self, user: User, channel: Channel, *names: str) -> None:
        """Require permissions; raises ``Missing Access`` or ``Missing Permissions``."""
        if not self.can(user, channel, "VIEW_CHANNEL"):
            raise no_access()
        if not self.can(user, channel, *names):
            raise forbidden()

    def need_open(self, thread: Channel) -> None:
        """Bring an archived thread back, as writing in it does; raises when it is locked."""
        if thread.is_thread and thread.archived:
            if thread.locked:
                raise ApiError(400, 50083, "Thread is archived")
            thread.archived = False
            self.emit("THREAD_UPDATE", thread.render(), thread)

    # -- how it is told --------------------------------------------------------------------------

    def render(self, viewer: User) -> Json:
        """The guild as the gateway tells a member of it when it becomes available."""
        seen = [it for it in self.channels.values() if self.can(viewer, it, "VIEW_CHANNEL")]
        return self.summary() | {
            "joined_at": "2026-01-01T00:00:00.000000+00:00",
            "large": False,
            "unavailable": False,
            "member_count": len(self.users),
            "members": [viewer.render_member() | {"user": viewer.render()}],
            "channels": [it.render() for it in seen if not it.is_thread],
            "threads": [it.render() for it in seen if it.is_thread and not it.archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def summary(self) -> Json:
        """The guild object that REST gives."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": "1",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": list(self.roles.values()),
            "emojis": [self.render_emoji(emoji_id) for emoji_id in self.emojis],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "max_members": 250000,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
            "safety_alerts_channel_id": None,
        }

    def render_emoji(self, emoji_id: str) -> Json:
        """A custom emoji."""
        return {
            "id": emoji_id,
            "name": self.emojis[emoji_id],
            "roles": [],
            "require_colons": True,
            "managed": False,
            "animated": False,
            "available": True,
        }
