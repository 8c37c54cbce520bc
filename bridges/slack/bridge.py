"""The Slack bridge: events come in over two sockets, messages go out under their authors' names."""

import asyncio
import time
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.events import author_id, raw_message, thread_root
from bridges.slack.history import History
from bridges.slack.pace import Pace
from bridges.slack.sockets import Sockets
from bridges.slack.text import from_slack, mentioned_users, to_slack
from bridges.slack.users import Users
from hub.relay.contract import (
    Capability,
    ConfigError,
    InboundMessage,
    Intake,
    Names,
    NotReady,
    OutboundPart,
    Platform,
    RemoteUser,
)

PLATFORM = "slack"
PART_LENGTH = 3_500
METADATA_TYPE = "airchat_hub"
_NAME_LENGTH = 80
_TIMEOUT_SECONDS = 30


class SlackBridge:
    """One workspace of Slack.

    `api_url` ends with a slash; `ping_seconds` is how often a socket is probed.
    """

    platform = PLATFORM

    def __init__(self, bot_token: str, app_token: str, api_url: str, ping_seconds: float = 10.0) -> None:
        self._client = AsyncWebClient(token=bot_token, base_url=api_url, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._users = Users(self._client)
        self._history = History(self._client)
        self._pace = Pace(time.monotonic)
        self._bot_id = ""
        self.workspace = ""

    async def connect(self) -> None:
        """Ask Slack who we are."""
        if not self._app_token.startswith("xapp-"):
            raise ConfigError("slack.app_token must be an app-level token (xapp-…) with connections:write")
        with translated():
            who = await self._client.auth_test()
        self._bot_id, self.workspace = str(who.get("bot_id") or ""), str(who["team_id"])

    async def run(self, intake: Intake) -> None:
        """Listen over two sockets, and read up every linked channel at the start and after each reconnection."""

        async def take(event: dict[str, Any]) -> None:
            await self._take(intake, event)

        app = AsyncApp(client=self._client)
        async with Sockets(app, self._app_token, self._ping_seconds, take) as sockets:
            while True:
                sockets.reconnected.clear()
                await self._read_up(intake)
                await sockets.reconnected.wait()

    async def decode(self, payload: dict[str, Any], names: Names) -> InboundMessage | None:
        """Turn a message event into a message; None for what this app posted itself."""
        if payload.get("bot_id") == self._bot_id and self._bot_id:
            return None
        hub_names = {}
        for user_id in mentioned_users(payload.get("text") or ""):
            hub_names[user_id] = await names.name_of(await self._users.get(user_id))
        text = from_slack(payload.get("text") or "", lambda user_id: hub_names.get(user_id, user_id))
        if not text.strip():
            return None
        return InboundMessage(
            remote_channel=payload["channel"],
            remote_id=payload["ts"],
            author=await self._author(payload),
            text=text,
            thread_id=thread_root(payload),
        )

    async def send(self, part: OutboundPart, names: Names) -> str:
        """Post with chat.postMessage under the author's name; the part's token travels in the message's metadata."""
        await self._pace.wait(part.remote_channel)
        with translated(sending=True):
            answer = await self._client.chat_postMessage(
                channel=part.remote_channel,
                text=to_slack(part.text, names.remote_id_of),
                username=part.author_name[:_NAME_LENGTH],
                icon_url=part.author_avatar_url,
                thread_ts=part.thread_id,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"token": part.token}},
                unfurl_links=False,
            )
        return str(answer["ts"])

    async def find_sent(self, part: OutboundPart) -> str | None:
        """Look for the part's token in the channel or thread."""
        return await self._history.find(part.remote_channel, part.thread_id, part.sent_after, part.token)

    async def _take(self, intake: Intake, event: dict[str, Any]) -> None:
        if event.get("type") == "user_change":
            self._users.forget(str((event.get("user") or {}).get("id")))
        raw = raw_message(str(event.get("channel")), event)
        if raw is not None:
            await intake.accept(raw)

    async def _read_up(self, intake: Intake) -> None:
        for channel in await intake.linked():
            while True:
                try:
                    events = await self._history.missed(channel)
                except NotReady as error:
                    if error.retry_after is None:
                        raise
                    await asyncio.sleep(error.retry_after)
                else:
                    break
            for event in events:
                await intake.accept(event)
            await intake.caught_up(channel.remote_channel)

    async def _author(self, event: dict[str, Any]) -> RemoteUser:
        if event.get("user"):
            return await self._users.get(event["user"])
        name = event.get("username") or (event.get("bot_profile") or {}).get("name") or author_id(event)
        return RemoteUser(author_id(event), str(name))


def slack_platform(bot_token: str, app_token: str, api_url: str, ping_seconds: float = 10.0) -> Platform:
    """Return what the relay needs to run a Slack bridge."""

    def create() -> SlackBridge:
        return SlackBridge(bot_token, app_token, api_url, ping_seconds)

    return Platform(PLATFORM, frozenset({Capability.MESSAGE, Capability.THREAD}), PART_LENGTH, create)
