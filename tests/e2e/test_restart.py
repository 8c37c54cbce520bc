"""A hub that is stopped under load, and one whose disk is full: what it acknowledged stays, what it refuses it says."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.callers import AWAY, Caller, Line, cancelled, enrol, until
from tests.e2e.database import Database
from tests.e2e.disk import ROOM_BYTES, largest, limit_files
from tests.e2e.follower import Follower, following
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WRITERS = 12
STOPS = 3
STOP_SECONDS = 20.0


@dataclass
class Writer:
    """Sends each message once and notes what became of it; `answers` counts statuses, 0 being none."""

    caller: Caller
    text: str = "Hello"
    ids: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)

    async def work(self) -> None:
        """Send until cancelled."""
        while True:
            await self.send()

    async def send(self) -> None:
        """Send one message."""
        try:
            answer = await self.caller.ask("POST", "/api/v2/messages", {"channel": "general", "content": self.text})
        except AWAY:
            self.answers[0] += 1
            await asyncio.sleep(0.02)
            return
        self.answers[answer.status] += 1
        if answer.status == 200:
            self.ids.add(answer.data["message"]["id"])
        else:
            assert answer.status == 503, answer
            assert (answer.body["code"], answer.body["retry_after"]) == ("unavailable", 1)


async def more_from(writers: Sequence[Writer]) -> None:
    """Let the writers send for a while, and wait until they have sent something by now."""
    before = sum(len(writer.ids) for writer in writers)
    await asyncio.sleep(0.5)
    await until(lambda: sum(len(writer.ids) for writer in writers) > before)


async def test_stopping_under_load_loses_nothing(
    database: Database, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    with HubProcess(tmp_path, UNLIMITED | database.settings) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        reader, *crew = await machine.crew(line, "anvil", WRITERS + 1)
        writers, follower = [Writer(caller) for caller in crew], Follower(reader)
        async with following(follower):
            tasks = [asyncio.create_task(writer.work()) for writer in writers]
            with cancelled(*tasks):
                for _ in range(STOPS):
                    await more_from(writers)
                    began = time.monotonic()
                    assert await asyncio.to_thread(hub.stop) == 0
                    assert time.monotonic() - began < STOP_SECONDS
                    await asyncio.to_thread(hub.start)
                    await more_from(writers)
                    assert not any(task.done() for task in tasks)
            await asyncio.gather(*tasks, return_exceptions=True)
            newest = database.messages()[-1].seq
            await follower.reach(newest)
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    messages = database.messages()
    assert set().union(*(writer.ids for writer in writers)) <= {message.id for message in messages}
    follower.check_order()
    stored = [(message.seq, message.id) for message in messages if message.seq <= newest]
    assert [found for found in follower.messages if found[0] <= newest] == stored
    assert follower.connections == STOPS + 1
    assert "Traceback" not in hub.log


async def test_full_disk_is_told_and_survived(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    database = Database(tmp_path / "hub" / "hub.db")
    with HubProcess(tmp_path, UNLIMITED) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        writers = [Writer(caller, "x" * 10_000) for caller in await machine.crew(line, "anvil", 4)]
        for _ in range(2):
            for writer in writers:
                await writer.send()
            limit_files(hub, largest(tmp_path / "hub") + ROOM_BYTES)
            async with asyncio.timeout(60):
                while not all(writer.answers[503] for writer in writers):
                    await asyncio.gather(*(writer.send() for writer in writers))
            acknowledged = sum(len(writer.ids) for writer in writers)
            for _ in range(20):
                await asyncio.gather(*(writer.send() for writer in writers))
            reader = writers[0].caller
            assert (await reader.ask("GET", "/api/v2/messages?channel=general&limit=1")).status == 200
            assert (await line.ask("GET", "/healthz")).status == 200

            limit_files(hub, resource.RLIM_INFINITY)
            await asyncio.gather(*(writer.send() for writer in writers))
            assert sum(len(writer.ids) for writer in writers) >= acknowledged + len(writers)
            assert not any(writer.answers[0] for writer in writers)
            for writer in writers:
                writer.answers.clear()
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    assert {message.id for message in database.messages()} == set().union(*(writer.ids for writer in writers))


async def test_killed_while_the_disk_is_full(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    database = Database(tmp_path / "hub" / "hub.db")
    with HubProcess(tmp_path, UNLIMITED) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        writer = Writer(await machine.register(line, "anvil-1"), "x" * 10_000)
        limit_files(hub, largest(tmp_path / "hub") + ROOM_BYTES)
        async with asyncio.timeout(60):
            while not writer.answers[503]:
                await writer.send()
        await asyncio.to_thread(hub.kill)
        await asyncio.to_thread(hub.start)
        await writer.send()
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    assert {message.id for message in database.messages()} == writer.ids
