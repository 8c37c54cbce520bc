"""The workspace: who and what is in it. Knows nothing of HTTP, sockets or delivery."""

import itertools
import re
from collections.abc import Callable

from .apps import App
from .channels import Channel, Kind, timestamp
from .errors import SlackError
from .events import Event
from .files import File
from .messages import Message
from .settings import Json, Settings
from .users import User

TEAM = "T01AIRCHAT"
CHANNEL_PREFIX: dict[Kind, str] = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}


class Workspace:
    """Members, apps, channels and files; what happens is announced to ``listeners``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.team_id = TEAM
        self.name = "AirChat Test"
        self.domain = "airchat-test"
        self.site = ""
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.emoji: dict[str, str] = {}
        self.groups: dict[str, list[str]] = {}
        """Members of user groups, by id."""
        self.listeners: list[Callable[[Event], None]] = []
        self._numbers = itertools.count(1)
        self._last_event = 0

    def new_id(self, prefix: str, name: str = "") -> str:
        """A fresh id such as ``U07ALICE``: the name makes failures readable."""
        return f"{prefix}{next(self._numbers):02d}{re.sub('[^A-Z0-9]', '', name.upper())[:12]}"

    def event_ts(self) -> str:
        """A timestamp for an event that is not itself a message."""
        self._last_event = max(int(self.settings.clock() * 1_000_000), self._last_event + 1)
        return timestamp(self._last_event)

    def emit(self, event: Event) -> None:
        """Announce what has happened; the model is changed already."""
        for listener in self.listeners:
            listener(event)

    # -- members and apps ------------------------------------------------------------------

    def add_user(self, name: str, *, real_name: str = "", display_name: str = "", email: str = "") -> User:
        """Add a human; the e-mail address defaults to ``<name>@example.com``."""
        real = real_name or name.capitalize()
        email = email or f"{name}@example.com"
        user = User(id=self.new_id("U", name), name=name, real_name=real, display_name=display_name, email=email)
        self.users[user.id] = user
        return user

    def install(self, name: str, bot_token: str, app_token: str) -> App:
        """Install an app; its bot user joins no channel by itself."""
        app_id, bot_id = self.new_id("A", name), self.new_id("B", name)
        user = User(id=self.new_id("U", name), name=name, real_name=name, bot_id=bot_id, app_id=app_id)
        app = App(id=app_id, name=name, user=user, bot_id=bot_id, bot_token=bot_token, app_token=app_token)
        self.users[user.id], self.apps[app_id] = user, app
        return app

    def user_named(self, name: str) -> User | None:
        """The member with this handle, if there is one."""
        return next((user for user in self.users.values() if user.name == name), None)

    def render_user(self, user: User, *, with_email: bool = True) -> Json:
        """The user object as this workspace serves it."""
        return user.render(self.team_id, self.site, with_email=with_email)

    # -- channels --------------------------------------------------------------------------

    def add_channel(self, name: str, kind: Kind = "channel", members: tuple[str, ...] = ()) -> Channel:
        """Create a conversation with these member ids; raises ``name_taken``."""
        name = name.removeprefix("#")
        if name and any(channel.name == name for channel in self.channels.values()):
            raise SlackError("name_taken")
        channel_id = self.new_id(CHANNEL_PREFIX[kind], name)
        now = int(self.settings.clock())
        channel = Channel(id=channel_id, name=name, kind=kind, created=now, members=dict.fromkeys(members))
        self.channels[channel_id] = channel
        return channel

    def direct(self, *members: str) -> Channel:
        """The direct conversation of exactly these members, opened if need be."""
        kind: Kind = "im" if len(members) <= 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and set(channel.members) == set(members):
                return channel
        return self.add_channel("", kind, members)

    def channel(self, target: str) -> Channel:
        """By id, ``#name`` or name; raises ``channel_not_found``."""
        if target in self.channels:
            return self.channels[target]
        name = target.removeprefix("#")
        for channel in self.channels.values():
            if name and channel.name == name:
                return channel
        raise SlackError("channel_not_found")

    # -- messages and files ----------------------------------------------------------------

    def message(self, channel: Channel, ts: str) -> Message:
        """The message with this ts; raises ``message_not_found``."""
        if ts not in channel.messages:
            raise SlackError("message_not_found")
        return channel.messages[ts]

    def render(self, message: Message, *, with_metadata: bool = False) -> Json:
        """The message object as this workspace serves it."""
        return message.render(self.team_id, self.site, with_metadata=with_metadata)

    def author(self, message: Message) -> str:
        """The name shown beside a message: customised, or the member's own."""
        user = self.users.get(message.user)
        return message.username or (user.shown if user else "Slackbot")

    def add_file(self, name: str, user: str, title: str = "", content: bytes | None = None) -> File:
        """Register a file; without content it waits for its upload."""
        now = int(self.settings.clock())
        file = File(id=self.new_id("F"), name=name, user=user, created=now, title=title, content=content)
        self.files[file.id] = file
        return file

    def file(self, file_id: str) -> File:
        """An existing file; raises ``file_not_found`` or ``file_deleted``."""
        file = self.files.get(file_id)
        if file is None:
            raise SlackError("file_not_found")
        if file.deleted:
            raise SlackError("file_deleted")
        return file
