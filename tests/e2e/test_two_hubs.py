"""Two hubs on one Postgres: one log, one set of channels, agents and keys, whichever of them is asked."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from airchat.identity import new_key
from tests.e2e.callers import Answer, Caller, Line, Machine, cancelled, enrol, until
from tests.e2e.database import Database
from tests.e2e.follower import Follower, following
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WRITERS = 5
SOON_SECONDS = 10.0
"""Within a second, as is promised, on a machine that has nothing else to do."""


@dataclass(frozen=True)
class Pair:
    """Two hubs, the ways to them, and a machine that both know."""

    hubs: tuple[HubProcess, HubProcess]
    a: Line
    b: Line
    machine: Machine
    database: Database

    async def agent(self, name: str) -> tuple[Caller, Caller]:
        """Register an agent at the first hub; return it as a caller of each."""
        caller = await self.machine.register(self.a, name)
        return caller, caller.at(self.b)


@pytest.fixture
async def pair(postgres_url: str, tmp_path: Path, session: aiohttp.ClientSession) -> AsyncIterator[Pair]:
    database = Database(postgres_url)
    with ExitStack() as stack:
        first, second = (stack.enter_context(HubProcess(tmp_path, UNLIMITED | database.settings)) for _ in range(2))
        a, b = Line(session, first.url), Line(session, second.url)
        machine = await enrol(first, a)
        yield Pair((first, second), a, b, machine, database)
    assert "Traceback" not in first.log + second.log


@dataclass
class Writer:
    """Posts at one hub and, when that is away, at the other."""

    pair: Pair
    caller: Caller

    async def work(self, ids: dict[str, str]) -> None:
        """Post until cancelled; `ids` gets what was acknowledged, by key."""
        number = 0
        while True:
            number += 1
            key = f"{self.caller.name}/{number}"
            body = {"channel": random.choice(["general", "project-pair"]), "content": key}
            while (answer := await self._post(key, body)) is None:
                other = self.pair.b if self.caller.line == self.pair.a else self.pair.a
                self.caller = self.caller.at(other)
            ids[key] = answer.data["message"]["id"]

    async def _post(self, key: str, body: dict[str, str]) -> Answer | None:
        try:
            return await self.caller.ask("POST", "/api/v2/messages", body, Idempotency_Key=key)
        except (aiohttp.ClientError, OSError):
            await asyncio.sleep(0.01)
            return None


async def test_both_streams_have_the_order_of_the_log(pair: Pair) -> None:
    at_a, at_b = await pair.agent("reader")
    crew = await pair.machine.crew(pair.a, "writer", 2 * WRITERS)
    writers = [Writer(pair, caller.at((pair.a, pair.b)[place % 2])) for place, caller in enumerate(crew)]
    one, other = Follower(at_a), Follower(at_b)
    async with following(one, other):
        start = max(one.last_id or 0, other.last_id or 0)
        ids: dict[str, str] = {}
        writing = [asyncio.create_task(writer.work(ids)) for writer in writers]
        with cancelled(*writing):
            await asyncio.sleep(1.5)
            await asyncio.to_thread(pair.hubs[0].kill)
            killed = len(ids)
            await until(lambda: len(ids) > killed + WRITERS)  # the other one goes on
            await asyncio.to_thread(pair.hubs[0].start)
            for writer in writers[::2]:
                writer.caller = writer.caller.at(pair.a)
            await asyncio.sleep(1)
            assert not any(task.done() for task in writing)
        await asyncio.gather(*writing, return_exceptions=True)
        end = (await at_b.ask("POST", "/api/v2/messages", {"channel": "general", "content": "The end"})).data
        [head] = [message.seq for message in pair.database.messages() if message.id == end["message"]["id"]]
        await asyncio.gather(one.reach(head), other.reach(head))

    pair.database.check()
    messages = pair.database.messages()
    stored = [(message.seq, message.id) for message in messages if start < message.seq <= head]
    for follower in (one, other):
        follower.check_order()
        assert [found for found in follower.messages if start < found[0] <= head] == stored
    assert {message.key: message.id for message in messages if message.key in ids} == ids
    assert len({message.key for message in messages}) == len(messages)


async def test_message_reaches_the_other_stream_at_once(pair: Pair) -> None:
    at_a, at_b = await pair.agent("reader")
    follower = Follower(at_b)
    async with following(follower):
        delays = []
        for number in range(20):
            began = time.monotonic()
            posted = await at_a.ask("POST", "/api/v2/messages", {"channel": "general", "content": f"Number {number}"})
            message_id = posted.data["message"]["id"]
            await until(lambda wanted=message_id: wanted in [found for _, found in follower.messages])  # type: ignore[misc]
            delays.append(time.monotonic() - began)
    assert sorted(delays)[len(delays) // 2] < 0.7  # who only looked now and then would hear of each a second later


async def test_resuming_at_the_other_hub_repeats_nothing(pair: Pair) -> None:
    at_a, at_b = await pair.agent("reader")
    writer = await pair.machine.register(pair.a, "writer")
    follower = Follower(at_a, (1, 2000))
    ids: dict[str, str] = {}
    async with following(follower):
        writing = asyncio.create_task(Writer(pair, writer).work(ids))
        with cancelled(writing):
            for turn in range(200):
                follower.caller = (at_a, at_b)[turn % 2]
                await asyncio.sleep(0.01)
        await asyncio.gather(writing, return_exceptions=True)
        newest = pair.database.messages()[-1].seq
        await follower.reach(newest)
    follower.check_order()
    stored = [(message.seq, message.id) for message in pair.database.messages() if message.seq <= newest]
    assert [found for found in follower.messages if found[0] <= newest] == stored
    assert follower.connections > 20


async def test_resuming_at_a_hub_that_lags_repeats_nothing(pair: Pair) -> None:
    at_a, at_b = await pair.agent("reader")
    for turn in range(5):
        follower = Follower(at_a)
        async with following(follower):
            pair.hubs[1].freeze()
            for number in range(5):
                body = {"channel": "general", "content": f"{turn}.{number}"}
                assert (await at_a.ask("POST", "/api/v2/messages", body)).status == 200
            await follower.reach(pair.database.messages()[-1].seq)
        seen = len(follower.seqs)
        follower.caller = at_b
        resumed = asyncio.create_task(follower.run())
        with cancelled(resumed):
            await asyncio.sleep(0.1)
            pair.hubs[1].thaw()
            assert (await at_a.ask("POST", "/api/v2/messages", {"channel": "general", "content": "End"})).status == 200
            await follower.reach(pair.database.messages()[-1].seq)
        follower.check_order()
        assert len(follower.seqs) == seen + 1


async def test_what_is_new_at_one_hub_is_usable_at_the_other(pair: Pair) -> None:
    for number in range(20):
        name = f"newcomer-{number}"
        at_a, at_b = await pair.agent(name)
        assert (await at_b.ask("GET", "/api/v2/whoami")).data["agent"]["name"] == name
        channel = f"project-new-{number}"
        opened = await at_a.ask("POST", "/api/v2/messages", {"channel": channel, "content": "Opened"})
        parent = opened.data["message"]["id"]
        reply = {"channel": channel, "content": "Here too", "parent_message_id": parent}
        assert (await at_b.ask("POST", "/api/v2/messages", reply)).data["message"]["channel_id"] == (
            opened.data["message"]["channel_id"]
        )
        read = await at_b.ask("GET", f"/api/v2/messages?channel={channel}")
        assert [message["content"] for message in read.data["messages"]] == ["Opened", "Here too"]
        seen = await at_a.ask("GET", f"/api/v2/messages/{parent}/thread")
        assert [message["content"] for message in seen.data["replies"]] == ["Here too"]
        direct = await at_b.ask("POST", "/api/v2/dm", {"target_agent": name, "content": "To myself"})
        assert direct.status == 200
        task = (await at_a.ask("POST", "/api/v2/tasks", {"channel": channel, "title": "Do it"})).data["task"]
        claimed = await at_b.ask("POST", f"/api/v2/tasks/{task['id']}", {"action": "claim"})
        assert claimed.data["task"]["status"] == "claimed"


async def test_mention_of_an_agent_that_is_new_at_the_other_hub(pair: Pair) -> None:
    _, author = await pair.agent("author")
    for number in range(20):
        name = f"mentioned-{number}"
        at_a, _ = await pair.agent(name)
        sent = await author.ask("POST", "/api/v2/messages", {"channel": "general", "content": f"Welcome @{name}"})
        assert sent.status == 200
        mentions = await at_a.ask("GET", "/api/v2/mentions")
        assert [mention["author_name"] for mention in mentions.data["mentions"]] == ["author"]


async def refused_soon(caller: Caller) -> None:
    """Assert that the caller's key stops working."""
    async with asyncio.timeout(SOON_SECONDS):
        while (answer := await caller.ask("GET", "/api/v2/whoami")).status == 200:
            pass
    assert answer.status == 401
    assert answer.body["error"] == "Invalid API key"


async def test_revoked_token_stops_at_the_other_hub(pair: Pair) -> None:
    at_a, at_b = await pair.agent("keeper")
    made = (await at_a.ask("POST", "/api/v2/tokens", {"label": "test"})).data
    bearer = Caller(pair.b, at_b.name, made["secret"])
    assert (await bearer.ask("GET", "/api/v2/whoami")).status == 200
    await asyncio.sleep(0.1)
    assert (await at_a.ask("DELETE", f"/api/v2/tokens/{made['token']['id']}")).status == 200
    await refused_soon(bearer)
    assert (await at_b.ask("GET", "/api/v2/whoami")).status == 200


async def test_replaced_key_stops_at_the_other_hub(pair: Pair) -> None:
    _, at_b = await pair.agent("rotating")
    assert (await at_b.ask("GET", "/api/v2/whoami")).status == 200
    _, anew = await pair.agent("rotating")
    assert (await anew.ask("GET", "/api/v2/whoami")).status == 200
    await refused_soon(at_b)


async def test_keys_of_a_revoked_machine_stop_at_both_hubs(pair: Pair) -> None:
    at_a, at_b = await pair.agent("stationed")
    for caller in (at_a, at_b):
        assert (await caller.ask("GET", "/api/v2/whoami")).status == 200
    await asyncio.to_thread(pair.hubs[0].command, "machines", "revoke", pair.machine.name)
    await asyncio.gather(refused_soon(at_a), refused_soon(at_b))


async def test_nonce_is_used_up_for_both_hubs(pair: Pair) -> None:
    request = pair.machine.request("once", new_key())
    assert (await pair.a.ask("POST", "/api/v2/register", request)).status == 200
    assert await pair.b.ask("POST", "/api/v2/register", request) == Answer(
        409, {"error": "Duplicate nonce", "code": "conflict"}
    )
    await asyncio.to_thread(pair.hubs[1].stop)
    await asyncio.to_thread(pair.hubs[1].start)
    assert (await pair.b.ask("POST", "/api/v2/register", request)).status == 409


async def test_registrations_are_counted_over_both_hubs(
    postgres_url: str, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    settings = Database(postgres_url).settings | {"LIMITS__REGISTER_PER_MACHINE": "100"}
    with HubProcess(tmp_path, settings) as first, HubProcess(tmp_path, settings) as second:
        a, b = Line(session, first.url), Line(session, second.url)
        machine = await enrol(first, a)
        address = secrets.token_hex(4)

        async def register(line: Line, number: int, address: str) -> int:
            body = machine.request(f"counted-{number}", new_key())
            return (await line.ask("POST", "/api/v2/register", body, X_Real_IP=address)).status

        statuses = [await register((a, b)[number % 2], number, address) for number in range(12)]
        assert statuses == [200] * 10 + [429] * 2
        await asyncio.to_thread(second.kill)
        await asyncio.to_thread(second.start)
        assert await register(b, 12, address) == 429
        assert await register(b, 13, "192.0.2.7") == 200
