"""IRC clients at two hubs on one Postgres: they are in the same channels, whichever hub they came to."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bridges.irc.wire.lines import Line as Heard
from tests.e2e.callers import Caller, Line, Machine, cancelled, enrol, until
from tests.e2e.database import Database
from tests.e2e.irc import IrcHubProcess, Voice, voice
from tests.waiting import SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(240)]

WORDS = 150
WRITERS = 3


@dataclass
class Pair:
    """Two hubs, a machine that both know, and the clients that came."""

    hubs: tuple[IrcHubProcess, IrcHubProcess]
    machine: Machine
    line: Line
    database: Database
    voices: list[Voice] = field(default_factory=list)

    async def agent(self, name: str) -> Caller:
        """Make an agent."""
        return await self.machine.register(self.line, name)

    async def come(self, one: Voice, place: int) -> Voice:
        """Let a client come to one of the hubs."""
        self.voices.append(one)
        return await one.come(self.hubs[place])

    async def member(self, name: str, place: int, *capabilities: str) -> Voice:
        """Return a new agent at one of the hubs, in #work."""
        one = await self.come(voice(await self.agent(name), *capabilities), place)
        one.say("JOIN #work")
        await one.sync()
        return one


@pytest.fixture
async def pair(postgres_url: str, tmp_path: Path, session: aiohttp.ClientSession) -> AsyncIterator[Pair]:
    database = Database(postgres_url)
    with ExitStack() as stack:
        first, second = (stack.enter_context(IrcHubProcess(tmp_path, database)) for _ in range(2))
        line = Line(session, first.url)
        running = Pair((first, second), await enrol(first, line), line, database)
        yield running
        for one in running.voices:
            await one.go()
    assert "Traceback" not in first.log + second.log


def shown(one: Voice, since: int = 0) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what a client was shown of others, as nick, command and the rest."""
    lines = [line for line in one.heard[since:] if "!" in (line.source or "")]
    return [((line.source or "").partition("!")[0], line.command, tuple(line.params)) for line in lines]


def exact(one: Voice) -> list[Heard]:
    """Return what a client was shown of others, each line as it came."""
    return [line for line in one.heard if "!" in (line.source or "") and not (line.source or "").startswith("eye-")]


async def test_what_is_done_at_one_hub_is_seen_at_the_other(pair: Pair) -> None:
    doer = await pair.member("doer", 0, "draft/channel-rename")
    eyes = [await pair.member(f"eye-{place}", place, "draft/channel-rename") for place in (0, 1)]
    visitor = await pair.come(Voice("visitor"), 1)
    await until_member(pair, "eye-1")
    starts = [len(eye.heard) for eye in eyes]
    visitor.say("JOIN #work", "NICK guest2")
    await visitor.sync()
    await eyes[0].until(lambda: ("visitor", "NICK", ("guest2",)) in shown(eyes[0]))
    doer.say("PRIVMSG #work :hello", "TOPIC #work :tea", "MODE #work +mv eye-1", "PRIVMSG eye-1 :psst")
    await doer.sync()
    msgid = doer.messages()[0]
    doer.say(f"@+draft/react=yes;+draft/reply={msgid} TAGMSG #work", f"REDACT #work {msgid} :oops")
    doer.say("KICK #work eye-0 :out", "RENAME #work #play :fun", "PART #play :bye")
    await doer.sync()
    seen = [
        ("visitor", "JOIN", ("#work",)),
        ("visitor", "NICK", ("guest2",)),
        ("doer", "PRIVMSG", ("#work", "hello")),
        ("doer", "TOPIC", ("#work", "tea")),
        ("doer", "MODE", ("#work", "+mv", "eye-1")),
        ("doer", "PRIVMSG", ("eye-1", "psst")),
        ("doer", "TAGMSG", ("#work",)),
        ("doer", "REDACT", ("#work", msgid, "oops")),
        ("doer", "KICK", ("#work", "eye-0", "out")),
        ("doer", "RENAME", ("#work", "#play", "fun")),
        ("doer", "PART", ("#play", "bye")),
    ]
    await eyes[1].until(lambda: shown(eyes[1])[-1:] == seen[-1:])
    assert shown(eyes[1], starts[1]) == seen
    assert shown(eyes[0], starts[0]) == [line for line in seen[:9] if line[1:] != ("PRIVMSG", ("eye-1", "psst"))]
    await visitor.go()
    await eyes[1].until(lambda: shown(eyes[1])[-1][:2] == ("guest2", "QUIT"))


async def until_member(pair: Pair, name: str) -> None:
    """Wait until the first hub knows of somebody that they are in #work."""
    async with asyncio.timeout(SECONDS):
        eye = pair.voices[0]
        while not any(name in line.params[-1] for line in eye.heard if line.command in ("353", "JOIN")):
            eye.say("NAMES #work")
            await eye.sync()


async def say_all(one: Voice, place: int) -> None:
    """Say many things with a label each; whoever takes echoes has theirs come under that label, others a word of it."""
    echoes = "echo-message" in one.capabilities
    for number in range(WORDS):
        text, label = f"{one.name}/{number}", f"{place}-{number}"
        one.say(f"@label={label} PRIVMSG #work :{text}")
        await one.until(lambda wanted=label: wanted in {line.tags.get("label") for line in one.heard[-300:]})  # type: ignore[misc]
        answer = next(line for line in reversed(one.heard) if line.tags.get("label") == label)
        assert (answer.command, answer.params[-1:]) == (("PRIVMSG", (text,)) if echoes else ("ACK", ()))


async def test_clients_of_both_hubs_see_the_same_in_the_order_of_the_log(pair: Pair) -> None:
    eyes = [await pair.member(f"eye-{place}", place) for place in (0, 1)]
    writers: list[Voice] = []
    for number in range(2 * WRITERS):
        caller = await pair.agent(f"writer-{number}")
        plain = ("batch", "labeled-response", "message-tags")
        one = voice(caller, "labeled-response") if number < WRITERS else Voice(caller.name, caller.key, plain)
        writers.append(await pair.come(one, number % 2))
        one.say("JOIN #work")
        await one.sync()
    begins = len(pair.database.messages())
    await asyncio.gather(*(say_all(one, place) for place, one in enumerate(writers)))
    last = await pair.member("last", 1)
    last.say("PRIVMSG #work :The end")
    await asyncio.gather(*(one.until(lambda one=one: one.said()[-1:] == ["The end"]) for one in (*eyes, *writers)))  # type: ignore[misc]

    stored = pair.database.messages()[begins:]
    assert len(stored) == 2 * WRITERS * WORDS + 1
    ids = [message.id for message in stored]
    assert [eye.messages() for eye in eyes] == [ids, ids]
    for one in writers:
        theirs = [message.id for message in stored if message.author != one.name]
        assert one.messages() == (ids if "echo-message" in one.capabilities else theirs)
    since = [next(place for place, line in enumerate(exact(eye)) if line.command == "PRIVMSG") for eye in eyes]
    assert exact(eyes[0])[since[0] :] == exact(eyes[1])[since[1] :]


async def test_at_the_other_hub_a_client_gets_exactly_what_it_missed(pair: Pair) -> None:
    reader, talker = await pair.agent("reader"), await pair.agent("talker")
    eye = await pair.come(voice(reader), 0)
    mouth = await pair.come(voice(talker), 1)
    for one in (eye, mouth):
        one.say("JOIN #work")
        await one.sync()
    talking = asyncio.create_task(say_much(mouth))
    with cancelled(talking):
        began = len(pair.database.messages())
        await until(lambda: cursor(pair.database, reader.id) > began + 20)
        await asyncio.to_thread(pair.hubs[0].kill)
        await eye.over()
        missed = len(pair.database.messages()) + 50
        await until(lambda: len(pair.database.messages()) > missed)
        before, read = eye.messages(), cursor(pair.database, reader.id)
        await eye.come(pair.hubs[1])
        await eye.until(lambda: len(eye.said()) > missed - len(before) + 50)
    await mouth.sync()
    end = mouth.messages()[-1]
    await eye.until(lambda: end in eye.messages()[-10:])

    stored = pair.database.messages()
    certain = [message.id for message in stored if message.seq <= read]
    assert certain == before[: len(certain)]
    assert eye.messages() == [message.id for message in stored if message.seq > read]


async def say_much(one: Voice) -> None:
    with suppress(OSError):
        for number in range(100_000):
            one.say(f"PRIVMSG #work :{number}")
            await one.until(lambda wanted=str(number): one.said()[-1:] == [wanted])  # type: ignore[misc]
            await asyncio.sleep(random.uniform(0, 0.01))


def cursor(database: Database, owner_id: str) -> int:
    """Return up to where somebody's device has certainly read."""
    found: dict[str, int] = dict(database.rows("SELECT principal_id, seq FROM cursors"))
    return found.get(owner_id, 0)
