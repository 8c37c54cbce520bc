"""The fake calls an app over HTTP, signed as Slack signs: slack_sdk's own verifier and a real server say so."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from tests.fakes.slack import FakeSlack, Settings

SECRET = "signing secret"


class Server:
    """Takes what is sent; answers with `status` and `answer`."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], str]] = []
        self.status = 200
        self.answer: dict[str, Any] = {}

    async def take(self, request: web.Request) -> web.Response:
        body = await request.text()
        assert SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers))
        self.taken.append((dict(request.headers), body))
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
def settings() -> Settings:
    return Settings(ack_window=0.3, retry_delays=(0.0, 0.05))


@pytest.fixture
async def server(slack: FakeSlack) -> AsyncIterator[Server]:
    server, application = Server(), web.Application()
    application.router.add_post("/slack", server.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.call_by_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack", SECRET)
    yield server
    await runner.cleanup()


async def test_event_is_sent_as_json_until_it_is_taken(slack: FakeSlack, server: Server) -> None:
    server.status = 500
    await slack.person("alice").say("#general", "hello")
    await slack.wait_for(lambda: len(server.taken) == 2)
    server.status = 200
    await slack.settled()
    headers, body = server.taken[-1]
    assert json.loads(body)["event"]["text"] == "hello"
    assert headers["X-Slack-Retry-Num"] == str(len(server.taken) - 1)


async def test_command_and_press_are_sent_as_forms_and_answered(slack: FakeSlack, server: Server) -> None:
    server.answer = {"response_type": "ephemeral", "text": "hi"}
    delivery = await slack.person("alice").command("#general", "/airchat", "agents & more")
    assert delivery.response == server.answer
    assert parse_qs(server.taken[0][1])["text"] == ["agents & more"]

    message = await slack.person("alice").say("#general", "hello")
    await slack.person("alice").shortcut(message, "send_to_agent")
    await asyncio.sleep(0)
    payload = json.loads(parse_qs(server.taken[-1][1])["payload"][0])
    assert (payload["type"], payload["message"]["text"]) == ("message_action", "hello")
