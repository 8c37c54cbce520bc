"""What goes wrong for one client stays with it, and is told rather than borne in silence."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.errors import Unavailable
from bridges.irc import session as sessions
from bridges.irc.accounts import identity, registration
from bridges.irc.accounts.registration import AIRCD_REALNAME
from bridges.irc.presence.users import User
from bridges.irc.session import Session
from bridges.irc.transport import flood
from bridges.irc.wire import lines
from hub.core.guests import is_guest
from tests.bridges.irc.accounts.test_login import PASSWORD, caller, person
from tests.bridges.irc.server import Client, IrcHub, running_irc_server
from tests.waiting import SECONDS, eventually


@pytest.fixture
async def irc(tmp_path: Path) -> AsyncIterator[IrcHub]:
    """A hub with ann, whose phone was in #work once."""
    async with running_irc_server(tmp_path) as running:
        await person(running, "ann")
        await running.hub.cases.channels.open((await caller(running, "writer")).principal, "work")
        phone = await introduced(running)
        await phone.expect("001")
        await phone.join("#work")
        phone.send("QUIT")
        await phone.expect("ERROR")
        await phone.close()
        yield running


async def introduced(irc: IrcHub, *, label: str = "") -> Client:
    """Return a client that has said enough to be ann's phone."""
    client = await irc.connect()
    client.send(f"PASS :ann@phone:{PASSWORD}", "CAP LS 302", "NICK ann", "USER ann 0 * :Ann")
    client.send("CAP REQ :batch labeled-response message-tags", f"{label}CAP END")
    return client


async def write(irc: IrcHub, *texts: str) -> None:
    writer = irc.hub.cases.directory.principal_by_name("writer")
    assert writer is not None
    for text in texts:
        await irc.hub.cases.messages.post(writer, "work", text)


async def test_a_client_that_cannot_be_told_what_it_missed_is_sent_away(
    irc: IrcHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> int:
        raise Unavailable("The store is away")

    monkeypatch.setattr(type(irc.hub.cases.cursors), "load", fail)
    client = await introduced(irc)
    await client.expect("001")
    await client.expect("ERROR")
    monkeypatch.undo()
    await write(irc, "still there")
    again = await introduced(irc)
    assert (await again.expect("PRIVMSG")).params[1] == "still there"


async def test_a_label_on_the_last_line_of_registration_does_not_gather_what_was_missed(irc: IrcHub) -> None:
    await write(irc, "one", "other")
    client = await introduced(irc, label="@label=last ")
    found = await client.sync()
    [response] = [line.params[0].removeprefix("+") for line in found if line.tags.get("label") == "last"]
    end = next(number for number, line in enumerate(found) if line.params == (f"-{response}",))
    assert [line.params[1] for line in found[end:] if line.command == "PRIVMSG"] == ["one", "other"]


@pytest.mark.parametrize("number", ["9" * 19, "9" * 40, "9" * 400])
async def test_a_place_in_the_log_that_cannot_be_is_refused(irc: IrcHub, number: str) -> None:
    client = await introduced(irc)
    await client.expect("001")
    await client.sync()
    answers = await client.ask(f"CHATHISTORY AFTER #work msgid=event-{number} 10")
    assert [answer[:3] for answer in answers] == [("FAIL", "CHATHISTORY", "INVALID_PARAMS")]


async def test_who_quits_does_not_wait_for_those_who_leave_later(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    guests = irc.hub.cases.guests
    retire, stop = guests.retire, False

    async def slow(_: object, *args: object) -> object:
        await asyncio.sleep(0.05)
        return await retire(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(guests), "retire", slow)

    async def come_and_go() -> None:
        number = 0
        while not stop:
            number += 1
            client = await irc.client(f"guest{number}")
            await client.close()

    churning = [asyncio.create_task(come_and_go())]
    await asyncio.sleep(0.2)
    client = await introduced(irc)
    await client.expect("001")
    try:
        client.send("QUIT")
        async with asyncio.timeout(SECONDS / 4):
            await client.expect("ERROR")
    finally:
        stop = True
        await asyncio.gather(*churning)


async def test_what_clients_have_read_when_the_server_stops_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, dict[str, int]] = {}
    async with running_irc_server(tmp_path / "other") as irc:
        await person(irc, "ann")
        await irc.hub.cases.channels.open((await caller(irc, "writer")).principal, "work")
        phone = Client(*await asyncio.open_connection("127.0.0.1", irc.port))
        await phone.register("ann", password=f"ann@phone:{PASSWORD}")
        await phone.join("#work")
        await write(irc, "last words")
        cases, head = irc.hub.cases, irc.hub.cases.bus.head

        async def flush() -> None:
            written.update(cases.cursors._unsaved)

        async def read() -> None:
            await phone.expect("ERROR")
            await phone.close()

        reading = asyncio.create_task(read())
        monkeypatch.setattr(cases.cursors, "flush", flush)
    await reading
    ann = cases.directory.principal_by_name("ann")
    assert ann is not None
    assert written[ann.id]["phone"] == head


async def test_guests_leave_with_the_server(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path / "other") as irc:
        eve = await Client(*await asyncio.open_connection("127.0.0.1", irc.port)).register("eve")
        await eve.join("#work")
        directory = irc.hub.cases.directory
        assert [it.display_name for it in directory.principals() if is_guest(it)] == ["eve"]
    assert [it.display_name for it in directory.principals() if is_guest(it)] == []
    await eve.close()


async def test_no_line_is_longer_than_lines_may_be(irc: IrcHub) -> None:
    cases, bob = irc.hub.cases, await irc.client("bob", "draft/message-redaction", "message-tags")
    writer = cases.directory.principal_by_name("writer")
    assert writer is not None
    await cases.channels.join(writer, "work")
    await bob.join("#work")
    long = "€" * 900
    await cases.channels.update(writer, "work", topic=long)
    found = (await cases.messages.post(writer, "work", "gone soon")).message
    await cases.messages.delete(writer, found.id, long)
    await cases.channels.leave(writer, "work", reason=long)
    bob.send("TOPIC #work", "LIST")
    heard = {line.command: line for line in await bob.sync()}
    for command in ("TOPIC", "REDACT", "PART", "332", "322"):
        line = heard[command]
        assert len(lines.text(line.command, *line.params, source=line.source).encode()) <= lines.BODY_LIMIT


async def test_a_line_that_does_much_counts_as_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PERSON", flood.FloodProfile(burst=20, rate=100))
    async with running_irc_server(tmp_path / "other", limits="normal") as irc:
        eve, loop = await irc.client("eve"), asyncio.get_running_loop()
        channels, begun = [f"#c{number}" for number in range(60)], loop.time()
        await eve.ask(f"JOIN {','.join(channels)}")
        assert (joined := loop.time()) - begun > 0.3
        for _ in range(5):
            await eve.ask(f"PRIVMSG {','.join(channels[:20])} :hello")
        assert loop.time() - joined > 0.6


async def test_a_client_that_leaves_while_it_registers_has_no_more_time_for_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = identity.introduced

    async def introduced_late(session: Session, intro: registration.Introduction) -> User | None:
        await eventually(lambda: session._gone)
        return await begin(session, intro)

    monkeypatch.setattr(registration, "introduced", introduced_late)
    monkeypatch.setattr(sessions, "_LAST_WORDS_SECONDS", 0.2)
    monkeypatch.setattr(flood, "PERSON", flood.FloodProfile(burst=5, rate=0.01))
    async with running_irc_server(tmp_path / "other", limits="normal") as irc:
        client = await irc.connect()
        client.send("NICK fay")
        await client.sync()
        [session] = [it for it in gc.get_objects() if isinstance(it, Session) and it.nick == "fay" and not it.closing]
        client.send("USER fay 0 * :Fay", "JOIN #work", *["PRIVMSG #work :a line that has to wait"] * 20)
        await client.close()
        await eventually(lambda: session not in session.server.sessions, seconds=30)


async def test_long_names_of_devices_are_cut(irc: IrcHub) -> None:
    client = await irc.connect()
    client.send(f"PASS :ann@{'x' * 300}:{PASSWORD}", "NICK ann", "USER ann 0 * :Ann")
    await client.expect("001")
    answer = await client.ask("HUB whoami")
    assert f"as the device {'x' * 64};" in " ".join(line[-1] for line in answer)


@pytest.mark.parametrize(
    ("name", "line"), [(AIRCD_REALNAME, f"PRIVMSG #work :{'x' * 60_000}"), ("", "@" + "a;" * 4_000)]
)
async def test_long_lines_do_not_pile_up(tmp_path: Path, name: str, line: str) -> None:
    async with running_irc_server(tmp_path / "other", limits="normal") as irc:
        client = await irc.connect()
        client.send("NICK eve")
        if name:
            client.send(f"USER eve 0 * :{name}")
            await client.expect("001")
        await client.sync()
        [session] = [it for it in gc.get_objects() if isinstance(it, Session) and it.nick == "eve" and not it.closing]
        client.send(*[line] * 60)
        await asyncio.sleep(0.5)
        assert 0 < sum(len(line or b"") for line in session._lines) < 150_000


@pytest.mark.parametrize("text", ["NICK gone", "NICK gone\r\nUSER gone 0 * :Gone\r\nJOIN #work"])
async def test_a_connection_that_is_gone_leaves_nothing_for_the_collector(irc: IrcHub, text: str) -> None:
    client = await irc.connect()
    client.send(text)
    await client.sync()
    [session] = [weakref.ref(it) for it in gc.get_objects() if isinstance(it, Session) and it.nick == "gone"]
    gc.collect()
    gc.disable()
    try:
        await client.close()
        bob = await irc.client("bob")  # whom the last to be looked after, and to have caused anything, is now
        await bob.join("#work")
        await bob.ask("PRIVMSG #work :hi")
        await eventually(lambda: session() is None)
    finally:
        gc.enable()
