"""A running fake, and a real Bolt app connected to it, for the tests of the fake itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings


class Bot:
    """A real Bolt app over Socket Mode that keeps every envelope it is given."""

    def __init__(self, slack: FakeSlack) -> None:
        self.web = AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url)
        self.app = AsyncApp(client=self.web)
        self.handler = AsyncSocketModeHandler(self.app, APP_TOKEN, ping_interval=1.0)
        self.envelopes: list[SocketModeRequest] = []
        self.handler.client.socket_mode_request_listeners.insert(0, self._keep)
        every_event: dict[str, Any] = {"type": re.compile(".*")}
        self.app.event(every_event)(self._ignore)

    async def connect(self) -> None:
        await self.handler.connect_async()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        await self.handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)

    def events(self, kind: str = "message") -> list[dict[str, Any]]:
        """Bodies of the events of one type, in order of arrival, copies included."""
        bodies = [request.payload["event"] for request in self.envelopes if request.type == "events_api"]
        return [body for body in bodies if body["type"] == kind]

    async def _keep(self, _client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.envelopes.append(request)

    async def _ignore(self) -> None:
        return


@pytest.fixture
def settings() -> Settings:
    """Redelivery without the waits of minutes; the ack window is long enough for a busy machine."""
    return Settings(ack_window=30.0, retry_delays=(0.0, 0.05, 0.1))


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    """An ack window that a test can wait for."""
    settings.ack_window = 0.2
    return settings


@pytest.fixture
async def slack(settings: Settings) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(settings) as slack:
        yield slack


@pytest.fixture
def web(slack: FakeSlack) -> AsyncWebClient:
    """A client that never retries by itself."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Bot]:
    bot = Bot(slack)
    await bot.connect()
    yield bot
    await bot.close()
