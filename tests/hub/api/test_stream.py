import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from airchat.protocol.principals import Role
from hub.api.stream import StreamTimes
from tests.hub.api.site import Caller, Site, running_site, settings_for
from tests.waiting import SECONDS


class Follower:
    """Reads a stream block by block."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        """Return the fields of the next block that has any."""
        fields: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self.response.content.readline(), 10)).decode()
            if not line:
                raise EOFError
            if line == "\n" and fields:
                return fields
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Return the next events of the log."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            block = await self.block()
            if block.get("event", "hello") != "hello":
                event = json.loads(block["data"])
                assert (block["id"], block["event"]) == (str(event["seq"]), event["kind"])
                found.append(event)
        return found


@asynccontextmanager
async def following(caller: Caller, headers: dict[str, str] | None = None, **query: Any) -> AsyncIterator[Follower]:
    address = f"{caller.site.hub.address}/api/v2/stream"
    headers = {"x-agent-api-key": caller.key} | (headers or {})
    async with caller.site.session.get(address, params=query, headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Follower(response)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110 - the hub tells nobody
            await asyncio.sleep(0.01)


async def ask_and_never_read(connection: socket.socket, caller: Caller) -> None:
    host, port = caller.site.hub.address.removeprefix("http://").split(":")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, (host, int(port)))
    request = f"GET /api/v2/stream HTTP/1.1\r\nHost: x\r\nx-agent-api-key: {caller.key}\r\n\r\n"
    await loop.sock_sendall(connection, request.encode())


async def say(caller: Caller, content: str, channel: str = "general") -> str:
    answer = await caller.post("/api/v2/messages", {"channel": channel, "content": content})
    return str(answer.data["message"]["id"])


async def test_stream_begins_now_and_greets_with_its_position(ann: Caller, bob: Caller) -> None:
    await say(ann, "before")
    async with following(bob) as stream:
        head = ann.site.hub.cases.bus.head
        hello = await stream.block()
        assert (hello["event"], hello["id"], json.loads(hello["data"])) == (
            "hello",
            str(head),
            {"seq": head, "head": head},
        )
        message = await say(ann, "after")
        [event] = await stream.events(1)
        assert (event["kind"], event["actor"], event["channel"]) == ("message.created", "ann", "general")
        assert (event["data"]["id"], event["data"]["content"]) == (message, "after")


async def test_stream_resumes_without_gap_or_repeat(ann: Caller, bob: Caller) -> None:
    start = ann.site.hub.cases.bus.head
    sent = [await say(ann, f"message {number}") for number in range(40)]
    seen: list[dict[str, Any]] = []
    last = str(start)
    while len(seen) < len(sent):  # cut after every seventh, while more is written
        async with following(bob, {"Last-Event-ID": last}, kind="message.created") as stream:
            seen += await stream.events(min(7, len(sent) - len(seen)))
            last = str(seen[-1]["seq"])
            if len(sent) < 60:
                sent.append(await say(ann, f"message {len(sent)}"))
    assert [event["data"]["id"] for event in seen] == sent


@pytest.mark.parametrize("way", [{"after": "0"}, {"headers": {"Last-Event-ID": "0"}}])
async def test_stream_replays_from_the_beginning(ann: Caller, bob: Caller, way: dict[str, Any]) -> None:
    await say(ann, "one")
    async with following(bob, **way) as stream:
        events = await stream.events(1)
        while events[-1]["kind"] != "message.created":
            events += await stream.events(1)
    numbers = [event["seq"] for event in events]
    assert numbers == sorted(set(numbers))
    assert events[-1]["data"]["content"] == "one"


async def test_stream_hides_what_others_say_in_private(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve")
    start = site.hub.cases.bus.head
    await ann.post("/api/v2/dm", {"target_agent": "bob", "content": "secret"})
    await say(ann, "public")
    async with following(eve, after=start, kind="message.created") as stream:
        assert [event["data"]["content"] for event in await stream.events(1)] == ["public"]
    async with following(bob, after=start, kind="message.created") as stream:
        found = [(event["channel"], event["data"]["content"]) for event in await stream.events(2)]
        assert found == [("direct-messages", "@bob secret"), ("general", "public")]
    async with following(bob, after=start, kind="message.created", channel="direct-messages") as stream:
        await ann.post("/api/v2/dm", {"target_agent": "bob", "content": "more"})
        assert [event["data"]["content"] for event in await stream.events(2)] == ["@bob secret", "@bob more"]


async def test_stream_of_one_channel_has_only_that(ann: Caller, bob: Caller) -> None:
    start = ann.site.hub.cases.bus.head
    await say(ann, "here", "general")
    await say(ann, "there", "status")
    await say(ann, "here again", "general")
    async with following(bob, after=start, channel="general", kind="message.created") as stream:
        assert [event["data"]["content"] for event in await stream.events(2)] == ["here", "here again"]


async def test_erased_text_is_not_replayed(ann: Caller, bob: Caller) -> None:
    start = ann.site.hub.cases.bus.head
    message = await say(ann, "a slip")
    async with following(bob, after=start, kind="message.created") as stream:
        assert (await stream.events(1))[0]["data"]["content"] == "a slip"
    await ann.ask("DELETE", f"/api/v2/messages/{message}")
    async with following(bob, after=start, kind="message.created") as stream:
        assert (await stream.events(1))[0]["data"]["content"] == ""


@pytest.mark.parametrize(
    ("headers", "query", "field"),
    [
        ({"Last-Event-ID": "x"}, {}, "Last-Event-ID"),
        ({"Last-Event-ID": "\u0663"}, {}, "Last-Event-ID"),
        ({}, {"after": "-1"}, "after"),
        ({}, {"kind": "message.invented"}, "kind"),
        ({}, {"channel": "No Channel"}, "channel"),
    ],
)
async def test_stream_refuses_what_it_cannot_follow(
    ann: Caller, headers: dict[str, str], query: dict[str, str], field: str
) -> None:
    answer = await ann.ask("GET", "/api/v2/stream", headers=headers, params=query)
    assert (answer.status, answer.body["field"]) == (400, field)


async def test_idle_stream_gives_signs_of_life_with_its_position(ann: Caller, bob: Caller) -> None:
    streams = ann.site.hub.cases.streams
    streams.times = replace(streams.times, heartbeat=0.05)
    async with following(bob) as stream:
        await stream.block()
        message = await say(ann, "seen")
        [event] = await stream.events(1)
        assert event["data"]["id"] == message
        block = await stream.block()
        while "data" in block:
            block = await stream.block()
        assert int(block["id"]) >= event["seq"]


async def test_revoked_key_ends_the_stream_at_once(site: Site, ann: Caller) -> None:
    owner = await site.caller("olga", Role.OWNER)
    [token] = (await owner.get("/api/v2/tokens", owner="ann")).data["tokens"]
    async with following(ann) as stream:
        await stream.block()
        await say(owner, "before")
        while (await stream.events(1))[0]["kind"] != "message.created":
            pass
        await owner.ask("DELETE", f"/api/v2/tokens/{token['id']}")
        await say(owner, "after")
        with pytest.raises(EOFError):
            await stream.events(1)


async def test_deactivated_agents_stream_ends_at_once(site: Site, ann: Caller) -> None:
    owner = await site.caller("olga", Role.OWNER)
    async with following(ann) as stream:
        await stream.block()
        await owner.ask("PATCH", "/api/v2/agents/ann", json={"active": False})
        await say(owner, "after")
        with pytest.raises(EOFError):
            await stream.events(2)


async def test_key_whose_end_nobody_announced_ends_the_stream_with_the_next_sign_of_life(
    site: Site, ann: Caller
) -> None:
    site.hub.cases.streams.times = StreamTimes(heartbeat=0.05)
    async with following(ann) as stream:
        await stream.block()
        credentials = site.hub.cases.credentials
        [token] = await credentials.list(ann.principal)
        await site.hub.store.write(lambda unit: unit.credentials.revoke(token.id, site.hub.clock()))
        credentials._callers.clear()
        credentials._hashes.clear()
        with pytest.raises(EOFError):
            await stream.events(1)


async def test_number_of_streams_is_limited(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, limits={"streams_per_principal": 1})) as site:
        ann = await site.caller("ann")
        async with following(ann) as stream:
            await stream.block()
            assert (await ann.get("/api/v2/stream")).status == 429


async def test_who_comes_back_is_not_kept_out_by_a_stream_that_it_left(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, limits={"streams_per_principal": 1})) as site:
        ann = await site.caller("ann")
        for _ in range(3):
            async with following(ann) as stream:
                await stream.block()
            await until(lambda: all(one.outlet.gone for one in site.hub.cases.streams.live._followers))


@pytest.mark.slow
async def test_slow_consumer_is_cut_and_others_are_not(site: Site, ann: Caller, bob: Caller) -> None:
    streams = site.hub.cases.streams
    streams.times = StreamTimes(stall=0.2, farewell=0.1)
    start = site.hub.cases.bus.head
    with socket.socket() as slow:
        await ask_and_never_read(slow, bob)
        await until(lambda: bool(streams._open))
        async with following(ann, after=start, kind="message.created") as stream:
            for _ in range(300):
                message = await say(ann, "x" * 30_000)
                assert [event["data"]["id"] for event in await stream.events(1)] == [message]
            await until(lambda: not streams._open[bob.principal.id])
            assert streams._open == {ann.principal.id: 1}


async def test_stopping_hub_ends_streams_in_order(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path)) as site:
        ann = await site.caller("ann")
        async with following(ann) as stream:
            await stream.block()
            await site.hub.cases.streams.close()
            with pytest.raises(EOFError):
                await stream.block()
