"""The Slack bridge: events come in over two sockets, messages go out under their authors' names."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.channels import Channels
from bridges.slack.errors import translated
from bridges.slack.events import author_id, raw_message, thread_root
from bridges.slack.history import History, oldest_possible
from bridges.slack.pace import Pace
from bridges.slack.sockets import listen
from bridges.slack.text import from_slack, mentioned_users, to_slack
from bridges.slack.users import Users
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Capability, Intake, LinkedChannel, Names, RemoteChannel, Window
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import CannotCarry, ConfigError, Refused
from hub.relay.contract.platform import Platform
from hub.relay.splitting import split

PLATFORM = "slack"
API_URL = "https://slack.com/api/"
PART_LENGTH = 3_500
METADATA_TYPE = "airchat_hub"
_NAME_LENGTH = 80
_TIMEOUT_SECONDS = 30
_POSTS_PER_SECOND = 1.0
_POSTS_AT_ONCE = 3


class SlackBridge:
    """One workspace of Slack.

    `api_url` ends with a slash; `ping_seconds` is how often a socket is probed.
    """

    platform = PLATFORM
    capabilities = frozenset({Capability.THREAD})

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        api_url: str = API_URL,
        ping_seconds: float = 10.0,
        pace: Pace | None = None,
    ) -> None:
        self._client = AsyncWebClient(token=bot_token, base_url=api_url, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._channels = Channels(self._client)
        self._users = Users(self._client)
        self._history = History(self._client)
        self._pace = pace or post_pace()
        self._own_ids: frozenset[str] = frozenset()
        self.workspace = ""

    async def connect(self) -> None:
        """Try both tokens, and ask Slack who we are."""
        if not self._app_token.startswith("xapp-"):
            raise ConfigError("slack.app_token must be an app-level token (xapp-…) with connections:write")
        with translated():
            who = await self._client.auth_test()
            await self._client.apps_connections_open(app_token=self._app_token)
        self._own_ids = frozenset(str(who[key]) for key in ("bot_id", "user_id") if who.get(key))
        self.workspace = str(who["team_id"])

    async def resolve(self, remote: str) -> RemoteChannel:
        """Return the channel given as `#name` or id, and join it when it is public."""
        return await self._channels.resolve(remote)

    async def channels(self) -> Sequence[RemoteChannel]:
        """Return every channel that the app can see."""
        return await self._channels.list()

    async def probe(self) -> None:
        """The sockets are watched while the bridge runs."""

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Listen over two sockets."""

        async def take(event: dict[str, Any]) -> None:
            await self._take(intake, event)

        app = AsyncApp(name=PLATFORM, client=self._client)
        await listen(app, self._app_token, self._ping_seconds, take, intake.listening)

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Read the channel's history, and the threads that went on."""
        await self._history.read_up(channel, intake)

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Turn a message event into a message; None for what this app posted itself."""
        if {payload.get("bot_id"), payload.get("user")} & self._own_ids:
            return None
        text = payload.get("text") or ""
        hub_names = {user_id: await names.name_of(await self._users.get(user_id)) for user_id in mentioned_users(text)}
        text = from_slack(text, lambda user_id: hub_names.get(user_id, user_id))
        if not text.strip():
            return None
        return inbound.Message(
            remote_id=payload["ts"],
            author=await self._author(payload),
            text=text,
            thread_id=thread_root(payload),
        )

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Post with chat.postMessage under the author's name; the part's token travels in the message's metadata."""
        await self._pace.wait(post.remote_channel)
        with translated(sending=True):
            answer = await self._client.chat_postMessage(
                channel=post.remote_channel,
                text=to_slack(post.text, names.remote_id_of),
                username=post.author.name[:_NAME_LENGTH] if post.author else None,
                icon_url=post.author.avatar_url if post.author else None,
                thread_ts=post.thread.remote_id if post.thread else None,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"token": post.token}},
                unfurl_links=False,
            )
            return str(answer["ts"])

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look for the post's token in the channel or thread."""
        since = oldest_possible(post.attempted_at, post.sent_after)
        thread = post.thread.remote_id if post.thread else None
        return await self._history.find(post.remote_channel, thread, since, post.token)

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Only messages are carried."""
        raise CannotCarry("only messages are carried to Slack")

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Say nothing about it."""
        return None

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Cut by characters."""
        return split(text, PART_LENGTH)

    async def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Only messages are carried, so there are no changes to be found."""
        for _ in ():
            yield inbound.Current("", None)

    async def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Only messages are carried."""
        for _ in ():
            yield b""
        raise Refused("files are not carried from Slack")

    async def show_working(self, working: outbound.Working) -> None:
        """Nothing is shown."""

    async def _take(self, intake: Intake, event: dict[str, Any]) -> None:
        if event.get("type") == "user_change":
            self._users.forget(str((event.get("user") or {}).get("id")))
        raw = raw_message(str(event.get("channel")), event)
        if raw is not None:
            await intake.accept(raw)

    async def _author(self, event: dict[str, Any]) -> inbound.User:
        if event.get("user"):
            return await self._users.get(event["user"])
        name = event.get("username") or (event.get("bot_profile") or {}).get("name") or author_id(event)
        return inbound.User(author_id(event), str(name))


def post_pace() -> Pace:
    """Return how fast a channel may be posted to."""
    return Pace(time.monotonic, _POSTS_PER_SECOND, _POSTS_AT_ONCE)


def slack_platform(bot_token: str, app_token: str, api_url: str | None = None, ping_seconds: float = 10.0) -> Platform:
    """Return what the relay needs to run a Slack bridge; all bridges it makes share one pace."""
    pace = post_pace()

    def create() -> SlackBridge:
        return SlackBridge(bot_token, app_token, api_url or API_URL, ping_seconds, pace)

    return Platform(PLATFORM, create)
