"""Slack calls over HTTP: signed by the fake as Slack signs, forged in every way, and served without sockets."""

import io
import json
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from bridges.slack.bridge import SlackBridge
from bridges.slack.platform import answer_requests
from bridges.slack.requests import BODY_BYTES, Requests
from hub.relay.contract.desk import Button, Reply
from tests.bridges.slack.conftest import PLACE, Names, World
from tests.bridges.slack.desk import ScriptedDesk
from tests.fakes.slack import BOT_TOKEN, FakeSlack
from tests.fakes.slack.request_urls import signed

SECRET = "a signing secret"
COMMAND = {"command": "/airchat", "text": "status", "team_id": "T1", "channel_id": "C1", "user_id": "U1"}


class Server:
    """The endpoint, and what it answered."""

    def __init__(self, requests: Requests, url: str, desk: ScriptedDesk) -> None:
        self.requests = requests
        self.url = url
        self.desk = desk

    async def send(self, body: bytes, headers: dict[str, str], kind: str = "") -> tuple[int, dict[str, object]]:
        kind = kind or "application/x-www-form-urlencoded"
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=io.BytesIO(body), headers=headers | {"Content-Type": kind}) as answer,
        ):
            text = await answer.text()
            return answer.status, json.loads(text) if text else {}


@pytest.fixture
async def server(slack: FakeSlack) -> AsyncIterator[Server]:
    desk = ScriptedDesk(Reply("fine"))
    requests = Requests(SECRET)
    answer_requests(requests, BOT_TOKEN, slack.api_url, desk)
    application = web.Application(client_max_size=0)
    application.router.add_post("/api/slack", requests.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Server(requests, f"http://127.0.0.1:{runner.addresses[0][1]}/api/slack", desk)
    await runner.cleanup()


async def test_command_is_answered(server: Server) -> None:
    body = urlencode(COMMAND).encode()
    assert await server.send(body, signed(SECRET, body, int(time.time()))) == (
        200,
        {"response_type": "ephemeral", "text": "fine"},
    )
    assert server.desk.asked[0].place.workspace == "T1"


BODY = urlencode(COMMAND).encode()


def right(seconds: int = 0, **changed: str) -> dict[str, str]:
    """Return headers for the command as Slack signs it so many seconds from now, some of them changed."""
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return signed(SECRET, BODY, int(time.time()) + seconds) | named


FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "unsigned": dict,
    "no signature": lambda: {"X-Slack-Request-Timestamp": str(int(time.time()))},
    "another secret": lambda: signed("another secret", BODY, int(time.time())),
    "another body": lambda: signed(SECRET, b"another body", int(time.time())),
    "too old": lambda: right(-310),
    "from the future": lambda: right(310),
    "no time": lambda: right(X_Slack_Request_Timestamp="now"),
    "a time without end": lambda: right(X_Slack_Request_Timestamp="9" * 400),
    "letters beyond": lambda: right(X_Slack_Signature="v0=\u00e9"),
    "empty": lambda: right(X_Slack_Signature=""),
}


@pytest.mark.parametrize("how", FORGED)
async def test_forged_old_and_broken_signatures_are_refused(server: Server, how: str) -> None:
    assert await server.send(BODY, FORGED[how]()) == (401, {"text": "Invalid signature."})
    assert server.desk.asked == []
    assert (await server.send(BODY, right()))[0] == (await server.send(BODY, right(-290)))[0] == 200


async def test_what_is_sent_again_word_by_word_is_answered_once(slack: FakeSlack) -> None:
    now = [1_000_000.0]
    requests = Requests(SECRET, clock=lambda: now[0])
    asked: list[str] = []

    async def interact(kind: str, payload: dict[str, object]) -> dict[str, object]:
        asked.append(kind)
        return {"text": "fine"}

    requests.interact = interact
    application = web.Application(client_max_size=0)
    application.router.add_post("/api/slack", requests.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = Server(requests, f"http://127.0.0.1:{runner.addresses[0][1]}/api/slack", ScriptedDesk(Reply("")))
    headers = signed(SECRET, BODY, int(now[0]))
    codes = []
    for seconds in (0.0, 0.0, 299.0, 2.0):
        now[0] += seconds
        codes.append((await server.send(BODY, headers))[0])
    now[0] += 600
    codes.append((await server.send(BODY, signed(SECRET, BODY, int(now[0]))))[0])
    await runner.cleanup()
    assert (codes, len(asked)) == ([200, 409, 409, 401, 200], 2)


async def test_bodies_are_bounded_and_what_is_signed_but_broken_is_refused(server: Server) -> None:
    large = b"x" * (BODY_BYTES + 1)
    assert (await server.send(large, signed(SECRET, large, int(time.time()))))[0] == 413
    for body, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"payload=%7B", "")):
        assert (await server.send(body, signed(SECRET, body, int(time.time())), kind))[0] == 400


async def test_address_is_verified_and_certificate_checked(server: Server) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    answer = await server.send(body, signed(SECRET, body, int(time.time())), "application/json")
    assert answer == (200, {"challenge": "abc"})
    assert await server.send(b"ssl_check=1", signed(SECRET, b"ssl_check=1", int(time.time()))) == (200, {})


async def test_events_wait_for_the_bridge(server: Server, slack: FakeSlack) -> None:
    body = json.dumps({"type": "event_callback", "event": {"type": "message"}}).encode()
    assert (await server.send(body, signed(SECRET, body, int(time.time())), "application/json"))[0] == 503


async def test_workspace_without_sockets_is_served(server: Server, slack: FakeSlack) -> None:
    bridge = SlackBridge(BOT_TOKEN, None, slack.api_url, requests=server.requests)
    await bridge.connect()
    world = World(slack, bridge, Names(slack))
    slack.call_by_http(server.url, SECRET)
    alice = slack.person("alice")
    async with world.running():
        said = await alice.say(PLACE, "one")
        await alice.edit(said, "two")
        assert len(await world.heard(2)) == 2
        await alice.command(PLACE, "/airchat", "status")
        server.desk.reply = Reply("yours", settled=True)
        await bridge.post(world.post("Claim?", buttons=(Button("Claim", "task.claim", "t1"),)), world.names)
        await alice.press(slack.messages(PLACE)[-1], "task.claim|0")
        await slack.wait_for(lambda: len(slack.ephemerals) == 2)
    assert [it.text for it in slack.ephemerals] == ["fine", "yours"]
    assert slack.sockets.opened == 0
    await alice.say(PLACE, "nobody hears")
    await slack.wait_for(lambda: slack.deliveries[-1].attempts)
    assert slack.deliveries[-1].state == "pending"
