"""A disk that is full while people are on IRC: they are told, nothing is half done, and later all goes on."""

import asyncio
import resource
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.callers import Line, enrol
from tests.e2e.database import Database
from tests.e2e.disk import ROOM_BYTES, largest, limit_files
from tests.e2e.irc import IrcHubProcess, Voice, voice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LOG_BYTES = 64_000
"""More than the hub's log needs, and less than its database has."""

CHANGES = ("JOIN #new", "TOPIC #work :tea", "MODE #work +m", "PART #work", "RENAME #work #play", "KICK #work bob")

REFUSED = "The hub cannot store anything now."


def told(one: Voice, start: int) -> list[tuple[str, ...]]:
    """Return what a client was told from a line on, as command and parameters, all of it."""
    return [(line.command, *line.params) for line in one.heard[start:]]


async def answers(one: Voice, *texts: str) -> list[tuple[str, ...]]:
    """Say something and return what comes of it."""
    start = len(one.heard)
    one.say(*texts)
    await one.sync()
    return told(one, start)


async def fill(one: Voice) -> int:
    """Talk until the disk is full; return how much was taken."""
    taken = 0
    while True:
        [answer] = await answers(one, f"PRIVMSG #work :{'x' * 400}")
        if answer[0] != "PRIVMSG":
            assert answer == ("FAIL", "PRIVMSG", "TEMPORARILY_UNAVAILABLE", REFUSED)
            return taken
        taken += 1


async def test_full_disk_is_told_and_survived(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    database = Database(tmp_path / "hub" / "hub.db")
    with IrcHubProcess(tmp_path, database) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        ann = await voice(await machine.register(line, "ann")).come(hub)
        bob = await voice(await machine.register(line, "bob")).come(hub)
        eve = await Voice("eve").come(hub)
        for one in (ann, bob, eve):
            one.say("JOIN #work")
            await one.sync()
        began, seen = len(database.messages()), len(bob.heard)
        limit_files(hub, largest(tmp_path / "hub") + ROOM_BYTES)
        taken = await fill(ann)
        limit_files(hub, LOG_BYTES)  # now there is no room for smaller things either
        for text in (
            "JOIN #new",
            "TOPIC #work :tea",
            "MODE #work +m",
            "PART #work",
            "RENAME #work #play",
            "KICK #work bob",
        ):
            command = text.partition(" ")[0]
            assert await answers(ann, text) == [("FAIL", command, "TEMPORARILY_UNAVAILABLE", REFUSED)]
        await bob.go()  # who comes and goes need not be written down
        missed = len(bob.heard)
        await bob.come(hub)
        await eve.go()
        guest = Voice("guest")
        with pytest.raises(ConnectionError):
            await guest.come(hub)
        assert told(guest, 0)[-1] == ("ERROR", REFUSED)
        assert missed - seen >= taken

        limit_files(hub, resource.RLIM_INFINITY)
        joined = await answers(ann, "JOIN #new", "TOPIC #new :tea")
        assert (joined[0], joined[1][-1], joined[-1]) == (("JOIN", "#new"), "@ann", ("TOPIC", "#new", "tea"))
        await guest.come(hub)
        await guest.go()
        for one in (ann, bob):
            await one.go()
        assert await asyncio.to_thread(hub.stop) == 0
    database.check()
    assert len(database.messages()) == began + taken
    assert "Traceback" not in hub.log, hub.log
