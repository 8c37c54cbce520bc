"""The guild (people say server) as far as the bridge needs it: channels, threads, roles, emoji.

Read over REST when the bridge connects, and kept up to date from the gateway's dispatches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bridges.discord.errors import Refusal
from bridges.discord.rest import Rest

TEXT, VOICE, NEWS, STAGE, FORUM, MEDIA = 0, 2, 5, 13, 15, 16
NEWS_THREAD, PUBLIC_THREAD = 10, 11
_LINKABLE = frozenset({TEXT, VOICE, NEWS, STAGE, FORUM, MEDIA})
_FORUMS = frozenset({FORUM, MEDIA})
_THREADS = frozenset({NEWS_THREAD, PUBLIC_THREAD})
_VIEW_CHANNEL = 1 << 10
_TAG_REQUIRED = 1 << 4
_MIB = 1024 * 1024
_UPLOAD_BYTES = {2: 50 * _MIB, 3: 100 * _MIB}
_ROLE = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that can be linked. `hidden` when not everybody in the guild sees it; `tag` is one a post needs."""

    id: str
    name: str
    topic: str = ""
    forum: bool = False
    hidden: bool = False
    tag: str | None = None


class Guild:
    """One guild. A thread is known by its channel; private ones, which are for few, are none of the bridge's."""

    def __init__(self, rest: Rest) -> None:
        self.id = ""
        self.name = ""
        self.emoji: dict[str, str] = {}
        """How each custom emoji is written in texts, by name."""
        self.roles: dict[str, str] = {}
        self.upload_bytes = 0
        self._rest = rest
        self._sees_all = False
        self._channels: dict[str, Channel] = {}
        self._threads: dict[str, str] = {}
        self._foreign: set[str] = set()

    async def load(self, guild_id: str) -> None:
        """Read everything.

        Raises:
            BridgeError: it cannot be read.
        """
        guild = await self._rest.get(f"/guilds/{guild_id}")
        guild["channels"] = await self._rest.get(f"/guilds/{guild_id}/channels")
        guild["threads"] = (await self._rest.get(f"/guilds/{guild_id}/threads/active"))["threads"]
        self.learn(guild)

    def learn(self, guild: dict[str, Any]) -> None:
        """Take over what a guild object says."""
        self.id, self.name = guild["id"], guild["name"]
        tier = int(guild.get("premium_tier") or 0)
        self.upload_bytes = _UPLOAD_BYTES.get(tier, 10 * _MIB)
        self.roles = {role["id"]: role["name"] for role in guild["roles"]}
        everyone: dict[str, Any] = next((role for role in guild["roles"] if role["id"] == guild["id"]), {})
        self._sees_all = bool(int(everyone.get("permissions") or 0) & _VIEW_CHANNEL)
        self.learn_emoji(guild.get("emojis") or [])
        for channel in guild["channels"]:
            self.learn_channel(channel)
        for thread in guild.get("threads") or []:
            self.learn_channel(thread)

    def learn_emoji(self, emoji: list[dict[str, Any]]) -> None:
        """Take over the custom emoji."""
        self.emoji = {it["name"]: f"<{'a' if it.get('animated') else ''}:{it['name']}:{it['id']}>" for it in emoji}

    def learn_channel(self, body: dict[str, Any]) -> tuple[Channel | None, Channel] | None:
        """Take over a channel, or a thread; return the channel as it was and as it is."""
        if body["type"] in _THREADS:
            self._threads[body["id"]] = body["parent_id"]
            return None
        if body["type"] not in _LINKABLE:
            self._foreign.add(body["id"])
            return None
        before, now = self._channels.get(body["id"]), self._channel(body)
        self._channels[now.id] = now
        return before, now

    def forget_channel(self, channel_id: str) -> bool:
        """Take note that a channel or thread is gone; tell whether it was one that can be linked."""
        self._threads.pop(channel_id, None)
        return self._channels.pop(channel_id, None) is not None

    def began(self, thread_id: str, channel_id: str) -> None:
        """Take note of a thread."""
        self._threads[thread_id] = channel_id

    def topic_is(self, channel_id: str, topic: str) -> None:
        """Take note of a topic that the bridge sets itself."""
        if channel_id in self._channels:
            self._channels[channel_id] = replace(self._channels[channel_id], topic=topic)

    def channel(self, channel_id: str) -> Channel | None:
        """Return a channel that can be linked."""
        return self._channels.get(channel_id)

    def channels(self) -> list[Channel]:
        """Return all that can be linked."""
        return list(self._channels.values())

    def named(self, name: str) -> Iterator[Channel]:
        """Yield the channels that people call so."""
        yield from (it for it in self._channels.values() if it.name == name.removeprefix("#"))

    def is_forum(self, channel_id: str) -> bool:
        """Tell whether everything in a channel is in threads."""
        channel = self._channels.get(channel_id)
        return channel is not None and channel.forum

    def has_thread(self, thread_id: str) -> bool:
        """Tell whether a thread is known."""
        return thread_id in self._threads

    def home(self, channel_id: str) -> str | None:
        """Return the channel itself, or the one that a thread is in; None when it is unknown, or none of ours."""
        return channel_id if channel_id in self._channels else self._threads.get(channel_id)

    async def find_home(self, channel_id: str) -> str | None:
        """Return what `home` does, having asked Discord for a channel that is not known.

        Raises:
            BridgeError: Discord cannot be asked.
        """
        home = self.home(channel_id)
        if home is not None or channel_id in self._foreign:
            return home
        try:
            body = await self._rest.get(f"/channels/{channel_id}")
        except Refusal:
            return None
        self.learn_channel(body)
        home = self.home(channel_id)
        if home is None:
            self._foreign.add(channel_id)
        return home

    def _channel(self, body: dict[str, Any]) -> Channel:
        overwrites = body.get("permission_overwrites") or []
        everyone: dict[str, Any] = next(
            (it for it in overwrites if it["id"] == self.id and int(it["type"]) == _ROLE), {}
        )
        allow, deny = int(everyone.get("allow") or 0), int(everyone.get("deny") or 0)
        seen = (self._sees_all and not deny & _VIEW_CHANNEL) or bool(allow & _VIEW_CHANNEL)
        tags = body.get("available_tags") or []
        required = bool(int(body.get("flags") or 0) & _TAG_REQUIRED)
        return Channel(
            id=body["id"],
            name=body["name"],
            topic=body.get("topic") or "",
            forum=body["type"] in _FORUMS,
            hidden=not seen,
            tag=tags[0]["id"] if tags and required else None,
        )
