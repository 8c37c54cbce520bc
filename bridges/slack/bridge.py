"""The Slack bridge: what happens in a workspace comes in, what happens on the hub goes out under its authors' names."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.channels import Channels
from bridges.slack.decoding import Decoder
from bridges.slack.emoji import Emoji
from bridges.slack.errors import translated
from bridges.slack.events import raw_events
from bridges.slack.files import Downloads, Uploads
from bridges.slack.hearing import Hearing
from bridges.slack.history import History
from bridges.slack.interactions import PLATFORM, Interactions
from bridges.slack.outbound import Outbound
from bridges.slack.pages import Pages
from bridges.slack.replies import Replies
from bridges.slack.requests import Requests
from bridges.slack.scopes import NEEDED, scopes_of
from bridges.slack.sockets import Ears, listen
from bridges.slack.streams import Streams
from bridges.slack.sweep import Sweep
from bridges.slack.text import Texts, divided
from bridges.slack.users import Users
from bridges.slack.working import Status
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Capability, Intake, LinkedChannel, Names, RemoteChannel, Window
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import ConfigError
from hub.relay.words import plainly

API_URL = "https://slack.com/api/"

_TIMEOUT_SECONDS = 30

_log = logging.getLogger(__name__)


class SlackBridge:
    """One workspace of Slack: over Socket Mode with an `app_token`, over HTTP with `requests`, or over both.

    `api_url` ends with a slash; `ping_seconds` is how often a socket is probed. With `emails` people are known by their
    addresses; with `streaming` answers that take longer are shown as being written.
    """

    platform = PLATFORM

    def __init__(
        self,
        bot_token: str,
        app_token: str | None = None,
        api_url: str = API_URL,
        ping_seconds: float = 10.0,
        requests: Requests | None = None,
        *,
        emails: bool = False,
        streaming: bool = True,
    ) -> None:
        self._client = web_client(bot_token, api_url)
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._streaming = streaming
        self._requests = requests
        self._channels = Channels(self._client)
        self._users = Users(self._client, emails=emails)
        self._emoji = Emoji(self._client)
        self._decoder = Decoder(self._users, Texts(self._users))
        self._pages = pages = Pages(self._client)
        self._history = History(pages)
        self._hearing = Hearing(pages)
        self._sweep = Sweep(pages, self._decoder, self._users)
        self._downloads = Downloads(self._client)
        self._streams = Streams(self._client)
        self._outbound = Outbound(self._client, Uploads(self._client), self._emoji, self._streams)
        self._status = Status(self._client)
        self.workspace = ""
        self.capabilities: frozenset[Capability] = frozenset(Capability)

    async def connect(self) -> None:
        """Try the tokens, ask Slack who we are, and see what we may do."""
        if self._app_token is not None and not self._app_token.startswith("xapp-"):
            raise ConfigError("slack.app_token must be an app-level token (xapp-…) with connections:write")
        with translated():
            who = await self._client.auth_test()
            if self._app_token is not None:
                await self._client.apps_connections_open(app_token=self._app_token)
        scopes = scopes_of(who)
        if lacking := scopes.lacking(NEEDED):
            raise ConfigError(
                f"the Slack app lacks the scopes {', '.join(lacking)}: add them under OAuth & Permissions, "
                "and install the app again"
            )
        self.capabilities = scopes.capabilities() - (frozenset() if self._streaming else {Capability.STREAM})
        own = (who.get(key) for key in ("bot_id", "user_id", "app_id"))
        self._decoder.own_ids = self._outbound.own_ids = frozenset(str(one) for one in own if one)
        self.workspace = self._users.team = self._streams.team = str(who["team_id"])

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Listen over two sockets, or to what Slack sends over HTTP."""

        async def take(event: dict[str, Any]) -> None:
            await self._take(intake, event)

        self._pages.remember(intake)
        self._streams.intake = intake
        interactions = Interactions(desk, self._users, Replies(self._client))
        if self._requests is not None:
            self._requests.take = take
        try:
            if self._app_token is None:
                intake.listening()
                await asyncio.Event().wait()
                return
            app = AsyncApp(name=PLATFORM, client=self._client)
            ears = Ears(take, interactions.take, intake.seen, intake.listening)
            await listen(app, self._app_token, self._ping_seconds, ears)
        finally:
            if self._requests is not None and self._requests.take is take:
                self._requests.take = None
            await interactions.close()

    async def probe(self) -> None:
        """See that the token is good, and that what is said arrives."""
        with translated():
            await self._client.auth_test()
        await self._hearing.check()

    async def resolve(self, remote: str) -> RemoteChannel:
        """Return the channel given as `#name` or id, and join it when it is public."""
        return await self._channels.resolve(remote)

    async def channels(self) -> Sequence[RemoteChannel]:
        """Return every channel that the app can see."""
        return await self._channels.list()

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Read the channel's history, and the threads that went on."""
        newest = await self._history.read_up(channel, intake)
        if newest is not None:
            self._hearing.heard(channel.remote_channel, newest)
        self._hearing.watch(channel.remote_channel)

    def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Read the messages of the window once more."""
        return self._sweep.run(window, names)

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Say what an event means; None for what this app did itself."""
        event = await self._decoder.decode(payload, names)
        if isinstance(event, inbound.ChannelState):
            self._channels.forget()
        return event

    def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Yield a file's bytes."""
        return self._downloads.read(file)

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Divide by the length of the mrkdwn."""
        return divided(text)

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Post under the author's name."""
        return await self._outbound.post(post, names)

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look for the post in the channel or thread; a stream that was begun for it becomes it."""
        found = await self._history.find(post, self._decoder.own_ids)
        if found is None:
            return None
        ts, begun = found
        if begun:
            await self._outbound.adopt(post, ts)
        return ts

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Make one change."""
        await self._outbound.change(change, names)

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Say it in plain words."""
        return plainly(changes)

    async def show_working(self, working: outbound.Working) -> None:
        """Set the thread's status."""
        await self._status.show(working)

    async def close(self) -> None:
        """Nothing stays open: sockets end with `run`, and each call has a connection of its own."""

    async def _take(self, intake: Intake, event: dict[str, Any]) -> None:
        """Store what an event says; what is not as Slack documents it would not be better another time."""
        kind = event.get("type")
        if kind == "user_change":
            self._users.forget(str((event.get("user") or {}).get("id")))
        elif kind == "emoji_changed":
            self._emoji.forget()
        elif str(kind).startswith("subteam_"):
            self._users.forget_groups()
        try:
            found = raw_events(event, self._decoder.own_ids)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("Slack sent an event that cannot be understood: %s: %r", kind, error)
            return
        for raw in found:
            await intake.accept(raw)
        if kind == "message":
            self._hearing.heard(str(event.get("channel")), str(event.get("ts")))


def web_client(token: str | None, api_url: str = API_URL) -> AsyncWebClient:
    """Return a client that repeats nothing by itself: what was posted once more would be there twice."""
    return AsyncWebClient(token=token, base_url=api_url, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
