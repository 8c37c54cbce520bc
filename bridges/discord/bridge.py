"""The Discord bridge: events come over the gateway, posts go out through webhooks under their authors' names."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from bridges.discord.account import Account, sign_in
from bridges.discord.buckets import Buckets
from bridges.discord.changes import Changes
from bridges.discord.dispatches import Dispatches
from bridges.discord.errors import Refusal
from bridges.discord.events import CHANNEL, Dispatch, Events
from bridges.discord.files import Files
from bridges.discord.gateway import Gateway, reach
from bridges.discord.guild import Channel, Guild
from bridges.discord.history import History, Pages
from bridges.discord.interactions import Interactions
from bridges.discord.messages import Messages
from bridges.discord.posts import Posts
from bridges.discord.rest import API_URL, HttpRest, Rest
from bridges.discord.sent import Sent
from bridges.discord.sweep import Sweep
from bridges.discord.text import Texts
from bridges.discord.users import Users
from bridges.discord.webhooks import Webhooks
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Capability, Intake, LinkedChannel, Names, RemoteChannel, Window
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import BridgeError, ConfigError, NotReady
from hub.relay.words import plainly

PLATFORM = "discord"

_NAMED_BY = 100
"""So much of a topic tells it from others."""


class DiscordBridge:
    """One server of Discord, which its API calls a guild: `guild` is its name or id; an only one needs not be named.

    `rest` is for tests that bring an API of their own; `buckets` are shared by all bridges of one bot.
    """

    platform = PLATFORM
    capabilities = frozenset(Capability) - {Capability.STREAM}

    def __init__(
        self,
        token: str,
        guild: str | None = None,
        api_url: str = API_URL,
        *,
        buckets: Buckets | None = None,
        rest: Rest | None = None,
    ) -> None:
        self.workspace = ""
        self._token = token
        self._wanted_guild = guild
        self._api_url = api_url
        buckets = buckets or Buckets(time.monotonic)
        self._http = HttpRest(token, api_url, buckets)
        self._rest = rest or self._http
        self._guild = Guild(self._rest)
        self._users = Users(self._rest)
        self._texts = Texts(self._guild, self._users)
        self._webhooks = Webhooks(self._rest)
        self._messages = Messages(self._rest, self._guild, self._users, self._texts, self._webhooks)
        self._pages = Pages(self._rest, self._guild)
        self._posts = Posts(self._rest, self._guild, self._webhooks, self._texts)
        self._sent = Sent(self._guild, self._texts, self._messages, self._pages)
        self._events = Events(self._guild)
        self._changes = Changes(self._rest, self._guild, self._webhooks, self._texts)
        self._history = History(self._pages, self._guild)
        self._sweep = Sweep(self._rest, self._guild, self._users, self._messages, self._pages)
        self._files = Files(self._rest, urlsplit(api_url).netloc)
        self._account: Account | None = None
        self._gateway: Gateway | None = None

    async def connect(self) -> None:
        """Try the token, see that the bot may read messages, and find the server."""
        self._account = await sign_in(self._rest, self._wanted_guild)
        self._messages.own = frozenset({self._account.user_id, self._account.application_id})
        self._webhooks.application_id = self._account.application_id
        await self._guild.load(self._account.guild_id)
        self._users.guild_id = self.workspace = self._guild.id

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Listen to the gateway."""
        if self._account is None:
            raise NotReady("the bridge is not connected")
        self._changes.intake = intake
        interactions = Interactions(self._rest, self._guild, self._users, self._texts, desk, platform=PLATFORM)
        interactions.application_id = self._account.application_id
        dispatches = Dispatches(self._guild, self._events, intake, interactions.take)
        reach(self._api_url, self._account.gateway_url)
        self._gateway = Gateway(dispatches.take, intake.seen)
        try:
            async with self._http.kept(), asyncio.TaskGroup() as group:
                group.create_task(dispatches.store(), name="discord events")
                group.create_task(self._gateway.listen(self._token), name="discord gateway")
                group.create_task(interactions.register(), name="discord commands")
        except ExceptionGroup as broken:
            causes = broken.subgroup(BridgeError)
            raise causes.exceptions[0] if causes else broken.exceptions[0] from broken
        finally:
            await interactions.close()

    async def probe(self) -> None:
        """Send a heartbeat, and wait for anything to come back."""
        if self._gateway is not None:
            await self._gateway.probe()

    async def resolve(self, remote: str) -> RemoteChannel:
        """Return the channel given as `#name` or id, when the bot can post there."""
        found = self._guild.channel(remote)
        matching = [found] if found else list(self._guild.named(remote))
        if len(matching) != 1:
            raise ConfigError(
                f"Discord has several channels {remote}: name it by its id"
                if matching
                else f"Discord has no channel {remote} that the bot can see"
            )
        try:
            await self._webhooks.of(matching[0].id)
        except Refusal as error:
            raise ConfigError(f"the bot needs a webhook in {remote} (permission Manage Webhooks): {error}") from error
        return RemoteChannel(matching[0].id, f"#{matching[0].name}")

    async def channels(self) -> Sequence[RemoteChannel]:
        """Return all channels; those that not everybody sees are private to patterns, though they can be named."""
        return [_described(channel) for channel in self._guild.channels()]

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Read the channel's history, and that of its threads; and tell its topic, which has no history."""
        newest = await self._history.read_up(channel, intake)
        self._events.newest = max(self._events.newest, newest)
        home = self._guild.channel(channel.remote_channel)
        if home is not None:
            found = {"home": home.id, "topic": home.topic, "found": True}
            for event in await self._events.of(Dispatch(CHANNEL, found, f"found:{newest}:{home.topic[:_NAMED_BY]}")):
                await intake.accept(event)

    def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Read messages again, and who reacted."""
        return self._sweep.of(window, names)

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Say what an event means; None for what the bot, its application or its webhooks did."""
        return await self._messages.decode(payload, names)

    def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Fetch an attachment, at a fresh address when the known one is too old."""
        return self._files.download(file)

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Divide into messages of at most 2,000 characters."""
        return self._texts.divide(text)

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Post through the channel's webhook; what has no author, as the bot."""
        return await self._posts.post(post, names)

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look for what was posted under that name with that text."""
        return await self._sent.find(post)

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Edit, delete, react, or set the topic."""
        await self._changes.make(change, names)

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Return plain words: Discord shows nearly everything."""
        return plainly(changes)

    async def show_working(self, working: outbound.Working) -> None:
        """Show the bot as typing, which lasts for ten seconds."""
        if working.status is None:
            return
        root = working.thread.remote_id if working.thread else None
        thread = (root.partition("@")[2] or root) if root else None
        place = thread if thread and self._guild.has_thread(thread) else working.remote_channel
        try:
            await self._rest.send("POST", f"/channels/{place}/typing")
        except BridgeError:
            return

    async def close(self) -> None:
        """Nothing stays open: the gateway and its connections end with `run`."""


def _described(channel: Channel) -> RemoteChannel:
    return RemoteChannel(channel.id, f"#{channel.name}", private=channel.hidden)
