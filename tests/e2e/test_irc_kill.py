"""Twenty agents who talk on IRC, and a hub that is killed: each gets again exactly what it may not have read."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.callers import Line, cancelled, enrol, until
from tests.e2e.database import Database
from tests.e2e.irc import IrcHubProcess, Voice, voice
from tests.hub_process import HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TALKERS = 20


async def talk(speaker: Voice) -> None:
    """Say one thing after the other, each when the one before has come back, until the hub is gone."""
    number = 0
    with suppress(OSError):
        while True:
            number += 1
            text = f"{speaker.name}/{number}"
            speaker.say(f"PRIVMSG #work :{text}")
            await speaker.until(lambda wanted=text: wanted in speaker.said()[-200:])  # type: ignore[misc]


def cursors(database: Database) -> dict[str, int]:
    """Return up to where each device has certainly read, by its owner's id."""
    return dict(database.rows("SELECT principal_id, seq FROM cursors"))


async def test_after_a_kill_each_gets_what_it_may_not_have_read(
    database: Database, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    with IrcHubProcess(tmp_path, database) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        crew = await machine.crew(line, "anvil", TALKERS)
        voices = {caller.id: voice(caller) for caller in crew}
        for one in voices.values():
            await one.come(hub)
            one.say("JOIN #work")
            await one.sync()
        began = max(seq for (seq,) in database.rows("SELECT seq FROM log_head"))
        talking = [asyncio.create_task(talk(one)) for one in voices.values()]
        with cancelled(*talking):
            await until(lambda: sum(seq > began for seq in cursors(database).values()) == TALKERS)
            await asyncio.to_thread(HubProcess.kill, hub)
            await asyncio.gather(*(one.over() for one in voices.values()), *talking)
        heard = {owner: one.messages() for owner, one in voices.items()}
        stored, read = database.messages(), cursors(database)
        await asyncio.to_thread(hub.start)
        await asyncio.gather(*(one.come(hub) for one in voices.values()))

        ids = [message.id for message in stored]
        for owner, one in voices.items():
            certain = [message.id for message in stored if message.seq <= read[owner]]
            assert heard[owner] == ids[: len(heard[owner])]
            assert certain == heard[owner][: len(certain)]
            assert one.messages() == ids[len(certain) :]
        assert len(ids) > len(set().union(*heard.values())) - 1 > TALKERS

        next(iter(voices.values())).say("PRIVMSG #work :The end")
        await asyncio.gather(*(one.until(lambda one=one: one.said()[-1:] == ["The end"]) for one in voices.values()))  # type: ignore[misc]
        for one in voices.values():
            await one.go()
        assert await asyncio.to_thread(hub.stop) == 0
    database.check()
    assert "Traceback" not in hub.log
