"""Subscribers that are cut at random, of a hub that is killed: each sees the log without gap or repeat."""

import asyncio
import random
from pathlib import Path

import aiohttp
import pytest

from airchat.async_client import AsyncAirChatClient
from airchat.config import AirChatConfig
from tests.e2e.callers import Caller, Line, cancelled, enrol, until
from tests.e2e.database import Database
from tests.e2e.follower import Follower, following
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

KILLS = 8
FOLLOWERS = 4
CUT_BYTES = (10, 20_000)


async def write(caller: Caller) -> None:
    """Post for ever, in two channels and to the follower."""
    number = 0
    while True:
        number += 1
        key = f"{caller.name}/{number}"
        text = f"{key} {'ü' * random.randint(0, 200)}"
        if number % 5:
            body = {"channel": random.choice(["general", "project-stream"]), "content": text}
            answer = await caller.insist("POST", "/api/v2/messages", body, Idempotency_Key=key)
        else:
            body = {"target_agent": "reader-1", "content": text}
            answer = await caller.insist("POST", "/api/v2/dm", body, Idempotency_Key=key)
        assert answer.status == 200, answer


async def listen(caller: Caller, after: int, heard: list[int]) -> None:
    """Follow the log with the client library."""
    config = AirChatConfig(caller.line.url, "", "", token=caller.key)
    async with AsyncAirChatClient(config) as client, client.stream(after=after) as stream:
        async for event in stream:
            heard.append(event.seq)  # noqa: PERF401 - one by one, as they come


async def test_resuming_misses_and_repeats_nothing(
    database: Database, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    with HubProcess(tmp_path, UNLIMITED | database.settings) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        reader, other, *writers = await machine.crew(line, "reader", 7)
        cut = [Follower(reader, CUT_BYTES) for _ in range(FOLLOWERS)]
        steady, stranger = Follower(reader), Follower(other, CUT_BYTES)
        async with following(*cut, steady, stranger):
            starts = [follower.last_id for follower in (*cut, steady, stranger)]
            assert len(set(starts)) == 1
            start = starts[0] or 0
            heard: list[int] = []
            listening = asyncio.create_task(listen(reader, start, heard))
            writing = [asyncio.create_task(write(caller)) for caller in writers]
            with cancelled(listening):
                with cancelled(*writing):
                    for _ in range(KILLS):
                        await asyncio.sleep(random.uniform(0.1, 0.6))
                        await asyncio.to_thread(hub.kill)
                        await asyncio.to_thread(hub.start)
                    await asyncio.sleep(0.3)
                    assert not any(task.done() for task in (listening, *writing))
                await asyncio.gather(*writing, return_exceptions=True)
                last = Follower(reader, last_id=start)
                async with following(last):
                    answer = await writers[0].insist(
                        "POST", "/api/v2/messages", {"channel": "general", "content": "The end"}
                    )
                    end = answer.data["message"]["id"]
                    [(head,)] = database.rows(f"SELECT seq FROM messages WHERE id = '{end}'")  # noqa: S608
                    for follower in (*cut, steady, stranger, last):
                        await follower.reach(head)
                    await until(lambda: heard[-1] >= head)
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    assert min(follower.connections for follower in (*cut, stranger)) > KILLS
    stored = [(message.seq, message.id) for message in database.messages() if start < message.seq <= head]
    assert len(stored) > 100
    for follower in (*cut, steady, last):
        follower.check_order()
        assert [event for event in follower.messages if event[0] <= head] == stored
        assert up_to(head, follower.seqs) == up_to(head, last.seqs)
    assert up_to(head, heard) == up_to(head, last.seqs)
    public = "SELECT seq FROM messages WHERE channel_id IN (SELECT id FROM channels WHERE type <> 'direct')"
    visible = {seq for (seq,) in database.rows(public)}
    assert [seq for seq, _ in stranger.messages if seq <= head] == [seq for seq, _ in stored if seq in visible]
    assert len(visible) < len(stored)


def up_to(head: int, seqs: list[int]) -> list[int]:
    return [seq for seq in seqs if seq <= head]
