"""Texts: Discord's Markdown to the hub's CommonMark and back, with people and channels by identity."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from airchat.protocol.limits import length
from bridges.discord.guild import Guild
from bridges.discord.users import Users
from hub.relay.contract.bridge import Names
from hub.relay.contract.inbound import User
from hub.relay.markup import tidy
from hub.relay.markup.commonmark import parse_commonmark, render_commonmark
from hub.relay.markup.discord import parse_discord, render_discord
from hub.relay.markup.dividing import divide
from hub.relay.markup.resolver import Asked, Nobody, Resolver
from hub.relay.markup.tree import Block, Items, Paragraph, Pre, Quote
from hub.relay.markup.writing import BREAK
from hub.relay.words import one_line

TEXT_LENGTH = 2_000
PIECE_LENGTH = 1_700
"""Leaves room for a line that shows what is answered."""
TITLE_LENGTH = 100
MESSAGES = "https://discord.com/channels"
QUOTE = "> "

_ESCAPES = re.compile("[\\\\\u200b-\u200d\u2060\ufeff]")
_NAMED = re.compile(r"<([@#])!?\d+>|([@#])[\w-]*\w")
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")


@dataclass(slots=True)
class Outwards(Nobody):
    """Finds whom and what a text of the hub names, and keeps whom it mentions: those alone may be notified."""

    names: Names
    guild: Guild
    mentioned: dict[str, None] = field(default_factory=dict)

    def user_of(self, name: str) -> str | None:
        """Return the Discord user that the hub calls so."""
        user = self.names.remote_id_of(name)
        if user is None or not user.isdecimal():
            return None
        self.mentioned[user] = None
        return user

    def channel_of(self, name: str) -> str | None:
        """Return the channel that is linked to the hub's."""
        return self.names.remote_channel_of(name)

    def emoji_of(self, name: str) -> str | None:
        """Return how the guild writes one of its emoji."""
        return self.guild.emoji.get(name)

    @property
    def allowed(self) -> dict[str, list[str]]:
        """The `allowed_mentions` of what was written."""
        return {"parse": [], "users": list(self.mentioned)[:100]}


@dataclass(frozen=True, slots=True)
class _Inwards(Nobody):
    users: Mapping[str, str]
    channels: Mapping[str, str]

    def name_of(self, user_id: str) -> str | None:
        return self.users.get(user_id)

    def channel_name_of(self, channel_id: str) -> str | None:
        return self.channels.get(channel_id)


@dataclass(frozen=True, slots=True)
class _Plain(Nobody):
    guild: Guild

    def emoji_of(self, name: str) -> str | None:
        return self.guild.emoji.get(name)


@dataclass(frozen=True, slots=True)
class _Longest(_Plain):
    """Names everybody and everything by an id: no text that is really written is longer."""

    def user_of(self, name: str) -> str | None:
        return "0" * 20

    def channel_of(self, name: str) -> str | None:
        return "0" * 20


def _first_line(block: Block) -> str:
    match block:
        case Paragraph(inlines):
            words = tidy.plain(inlines)
        case Pre(text):
            words = text
        case Quote(blocks):
            words = " ".join(_first_line(it) for it in blocks[:1])
        case Items(items):
            words = " ".join(_first_line(it) for it in items[0][:1])
    line = next((line for line in words.splitlines() if line.strip()), "")
    return one_line(line.replace(BREAK, ""))


def is_quoting(text: str) -> bool:
    """Tell whether a text begins with a line that shows what it answers."""
    first = text.partition("\n")[0]
    return first.startswith(QUOTE) and MESSAGES in first


def shape(text: str) -> str:
    """Return what a text of Discord's looks like, whoever is named in it: two that were rendered of one are alike."""
    said = text.partition("\n")[2] if is_quoting(text) else text
    named = _NAMED.sub(r"\1\2", _EMOJI.sub(r"\1", _ESCAPES.sub("", said)))
    return "".join(named.split())


class Texts:
    """Translates texts of one guild."""

    def __init__(self, guild: Guild, users: Users) -> None:
        self._guild = guild
        self._users = users

    async def from_discord(self, text: str, told: Mapping[str, User], names: Names) -> str:
        """Return a text in CommonMark; `told` are the users that came with the message, by id.

        Raises:
            BridgeError: Discord cannot be asked who somebody is.
        """
        asked = Asked()
        parse_discord(text, asked)
        users = {user_id: await self._name(user_id, told, names) for user_id in asked.user_ids}
        channels = {channel_id: await self._channel(channel_id, names) for channel_id in asked.channel_ids}
        return render_commonmark(parse_discord(text, _Inwards(users, channels)))

    def to_discord(self, text: str, resolver: Resolver) -> str:
        """Return CommonMark as Discord's Markdown."""
        return render_discord(parse_commonmark(text), resolver).strip()

    def plainly(self, text: str) -> str:
        """Return CommonMark as Discord's Markdown that names nobody."""
        return self.to_discord(text, _Plain(self._guild))

    def title(self, text: str) -> str:
        """Return the first line of CommonMark in plain words, as the name of a thread; empty when it has none."""
        lines = (line for block in parse_commonmark(text).blocks if (line := _first_line(block)))
        return next(lines, "")[:TITLE_LENGTH].strip()

    def divide(self, text: str) -> list[str]:
        """Return CommonMark in pieces that Discord takes, whoever they mention."""
        longest = _Longest(self._guild)
        parts = divide(parse_commonmark(text), lambda it: length(render_discord(it, longest)) <= PIECE_LENGTH)
        return [render_commonmark(part) for part in parts] or ([text] if text.strip() else [])

    def outwards(self, names: Names) -> Outwards:
        """Return a resolver for one text to be written."""
        return Outwards(names, self._guild)

    async def _name(self, user_id: str, told: Mapping[str, User], names: Names) -> str:
        if user_id.startswith("&"):
            return self._guild.roles.get(user_id[1:], "a role")
        return await names.name_of(told.get(user_id) or await self._users.by_id(user_id))

    async def _channel(self, channel_id: str, names: Names) -> str:
        home = await self._guild.find_home(channel_id)
        channel = self._guild.channel(home) if home else None
        return names.channel_of(home or channel_id) or (channel.name if channel else channel_id)
