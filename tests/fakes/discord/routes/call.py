"""What a route gets to work with, and how it is registered."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from tests.fakes.discord.apps import App
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.errors import invalid, unauthorized
from tests.fakes.discord.files import Attachment
from tests.fakes.discord.guild import Guild
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.messages import Message
from tests.fakes.discord.settings import Json
from tests.fakes.discord.timeline import Timeline

Kind = Literal["post", "webhook", "reaction", "channel", "other"]
Answer = Json | list[Json] | None


@dataclass(slots=True, frozen=True)
class Upload:
    """A file of a multipart body."""

    name: str
    content: bytes
    content_type: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Call:
    """One call. Routes change the model at once and never wait; what they return is sent, nothing as 204."""

    caller: App | None
    guild: Guild
    timeline: Timeline
    interactions: Interactions
    args: dict[str, str]
    query: dict[str, str]
    body: Any
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def app(self) -> App:
        """Whose bot calls; raises ``Unauthorized``."""
        if self.caller is None:
            raise unauthorized()
        return self.caller

    def channel(self, *needed: str) -> Channel:
        """The channel of the path, in which the bot has these permissions."""
        channel = self.guild.channel(self.args["channel"])
        self.guild.need(self.app.bot, channel, "VIEW_CHANNEL", *needed)
        return channel

    def message(self, channel: Channel) -> Message:
        """The message of the path."""
        return self.guild.message(channel, self.args["message"])

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A number of the query."""
        value = int(self.query.get(name, default))
        if not lowest <= value <= highest:
            raise invalid(name, f"int value should be between {lowest} and {highest}.", "NUMBER_TYPE_MAX")
        return value

    def attachments(self, channel: Channel) -> list[Attachment]:
        """The uploaded files, in the order of their numbers, with what the body says of each."""
        said = {str(it.get("id")): it for it in self.body.get("attachments") or []}
        files = []
        for number, upload in sorted(self.uploads.items()):
            detail = said.get(number, {})
            name = detail.get("filename") or upload.name
            description = detail.get("description") or ""
            files.append(self.timeline.attach(channel, name, upload.content, upload.content_type, description))
        for file in files:
            file.link = link(self.guild, file)
        return files


def link(guild: Guild, file: Attachment) -> str:
    """The address of a file, good for a while."""
    until = int(guild.settings.clock() + guild.settings.link_seconds)
    return f"{guild.site}/attachments/{file.channel_id}/{file.id}/{file.filename}?ex={until:x}&is=0&hm=0"


@dataclass(frozen=True)
class Route:
    """A route: what it does, the kind of its rate limit, and whether a token in its path is enough."""

    method: str
    template: str
    run: Callable[[Call], Answer]
    kind: Kind = "other"
    open: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches its paths."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))
