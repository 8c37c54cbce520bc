"""Twenty writers and a hub that is killed again and again: what it acknowledged is there, once and in order."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.callers import Caller, Line, cancelled, enrol
from tests.e2e.database import Database
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

WRITERS = 20
ROUNDS = 50
CHANNELS = ("general", "project-anvil", "tech-sqlite", "new-ground")
LOAD_SECONDS = (0.05, 0.4)


@dataclass
class Writer:
    """Sends one message after the other, each until it is acknowledged; remembers what was, by key."""

    caller: Caller
    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    first_ids: dict[str, str] = field(default_factory=dict)

    async def work(self) -> None:
        """Send until cancelled."""
        while True:
            key = f"{self.caller.name}/{len(self.acknowledged)}"
            channel = CHANNELS[len(self.acknowledged) % len(CHANNELS)]
            await self._send(key, {"channel": channel, "content": f"{key} for @anvil-1 and @anvil-2"})

    async def send_again(self, key: str) -> None:
        """Repeat an acknowledged send; it is the message it was."""
        await self._send(key, self.acknowledged[key])

    async def _send(self, key: str, body: dict[str, str]) -> None:
        answer = await self.caller.insist("POST", "/api/v2/messages", body, Idempotency_Key=key)
        message_id = answer.data["message"]["id"]
        self.acknowledged[key] = body
        assert self.first_ids.setdefault(key, message_id) == message_id


async def test_kill_while_twenty_write(database: Database, tmp_path: Path, session: aiohttp.ClientSession) -> None:
    with HubProcess(tmp_path, UNLIMITED | database.settings) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        writers = [Writer(caller) for caller in await machine.crew(line, "anvil", WRITERS)]
        tasks = [asyncio.create_task(writer.work()) for writer in writers]
        with cancelled(*tasks):
            for _ in range(ROUNDS):
                await asyncio.sleep(random.uniform(*LOAD_SECONDS))
                await asyncio.to_thread(hub.kill)
                newest = [(writer, key) for writer in writers for key in list(writer.acknowledged)[-1:]]
                await asyncio.to_thread(hub.start)
                await asyncio.gather(*(writer.send_again(key) for writer, key in newest))
                assert not any(task.done() for task in tasks)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    stored = {message.key: message for message in database.messages()}
    assert len(stored) == len(database.messages())
    for writer in writers:
        for key, message_id in writer.first_ids.items():
            message = stored.pop(key)
            assert (message.id, message.author) == (message_id, writer.caller.name)
            assert message.content == writer.acknowledged[key]["content"]
    # What is left are the sends that were cancelled in flight: at most one of each writer.
    assert len(stored) <= WRITERS
    assert len(database.messages()) > ROUNDS * WRITERS
    assert "Traceback" not in hub.log
