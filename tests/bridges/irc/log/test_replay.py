import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.principals import Principal
from bridges.irc.log.replay import Replays
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line
from tests.bridges.irc.accounts.test_login import PASSWORD, caller, person
from tests.bridges.irc.server import Client, IrcHub, running_irc_server
from tests.waiting import eventually

CAPS = ("batch", "server-time", "message-tags")


@pytest.fixture
async def irc(tmp_path: Path) -> AsyncIterator[IrcHub]:
    """A hub with ann, and with her in #work."""
    async with running_irc_server(tmp_path) as running:
        await person(running, "ann")
        await running.hub.cases.channels.open(await writer(running), "work")
        client = await device(running, "first")
        await client.join("#work")
        await leave(client)
        yield running


async def writer(irc: IrcHub) -> Principal:
    known = irc.hub.cases.directory.principal_by_name("writer")
    return known or (await caller(irc, "writer")).principal


async def write(irc: IrcHub, *texts: str, channel: str = "work") -> list[str]:
    actor = await writer(irc)
    return [(await irc.hub.cases.messages.post(actor, channel, text)).message.id for text in texts]


async def device(irc: IrcHub, name: str, *capabilities: str) -> Client:
    """Connect ann's device of that name, and read no further than its welcome."""
    client = await irc.connect()
    client.send(f"PASS :ann@{name}:{PASSWORD}", "CAP LS 302", "NICK ann", "USER ann 0 * :Ann")
    client.send(f"CAP REQ :{' '.join(capabilities or CAPS)}", "CAP END")
    await client.expect("001")
    return client


def said(lines: list[Line]) -> list[str]:
    return [line.params[1] for line in lines if line.command == "PRIVMSG"]


async def leave(client: Client) -> list[Line]:
    """Quit, and return what came until the connection ended."""
    client.send("QUIT")
    found = await rest(client)
    await client.close()
    return found


async def rest(client: Client) -> list[Line]:
    """Return what comes until the connection ends."""
    found: list[Line] = []
    try:
        while True:
            found.append(await client.read())
    except (EOFError, ConnectionError):
        return found


async def test_what_a_device_missed_comes_once_in_order(irc: IrcHub) -> None:
    texts = [str(number) for number in range(250)]
    for name in ("phone", "desk"):
        await leave(await device(irc, name))
    await write(irc, *texts)
    phone = await device(irc, "phone")
    lines = await phone.sync()
    assert said(lines) == texts
    batches = [line.params[1:] for line in lines if line.command == "BATCH" and line.params[0].startswith("+")]
    assert batches == [("chathistory", "#work")]
    await leave(phone)
    assert said(await leave(await device(irc, "phone"))) == []
    assert said(await leave(await device(irc, "desk"))) == texts
    assert said(await leave(await device(irc, "a-new-one"))) == []


async def test_who_pages_for_themselves_gets_nothing_unasked(irc: IrcHub) -> None:
    await leave(await device(irc, "phone"))
    await write(irc, "missed")
    assert said(await leave(await device(irc, "phone", *CAPS, "draft/chathistory"))) == []


async def test_who_pages_for_themselves_takes_nothing_from_who_does_not(irc: IrcHub) -> None:
    for name in ("phone", "desk"):
        await leave(await device(irc, name))
        await write(irc, "missed", "seen")
        asking = await device(irc, name, *CAPS, "draft/chathistory")
        await asking.ask("CHATHISTORY LATEST #work * 1")
        await leave(asking)
        assert said(await leave(await device(irc, name))) == ["missed", "seen"]


async def test_who_pages_for_themselves_is_seldom_asked_how_far_they_read(irc: IrcHub) -> None:
    asking, told = await device(irc, "desk", *CAPS, "draft/chathistory"), await device(irc, "phone")
    await write(irc, "new")
    await told.expect("PING")
    await asyncio.sleep(1.2)  # a whole round
    assert [line.command for line in await asking.sync() if line.command in ("PRIVMSG", "PING")] == ["PRIVMSG"]


async def test_each_token_is_a_device_and_a_new_one_begins_where_the_others_are(irc: IrcHub) -> None:
    ann = irc.hub.cases.directory.principal_by_name("ann")
    assert ann is not None
    old, other, new = [(await irc.hub.cases.credentials.create_token(ann, None, label))[1] for label in ("a", "b", "c")]

    async def missed(token: str) -> list[str]:
        client = await irc.connect()
        client.send(f"PASS {token}", "NICK ann", "USER ann 0 * :Ann")
        await client.expect("001")
        return said(await leave(client))

    assert [await missed(token) for token in (old, other)] == [[], []]
    await write(irc, "1")
    assert await missed(old) == ["1"]
    await write(irc, "2")
    assert [await missed(token) for token in (new, old, other, new)] == [["2"], ["2"], ["1", "2"], []]


async def test_an_agent_goes_on_where_it_was_by_any_token(irc: IrcHub) -> None:
    robot = await caller(irc, "robot")
    await irc.hub.cases.channels.join(robot.principal, "work")
    _, other = await irc.hub.cases.credentials.create_token(robot.principal, None, "other")
    heard = []
    for number, token in enumerate((robot.key, other, robot.key)):
        client = await irc.client("robot", password=token)
        await write(irc, f"heard {number}")
        heard.append(said(await client.sync()))
        await leave(client)
    assert heard == [["heard 0"], ["heard 1"], ["heard 2"]]


async def test_nothing_is_shown_from_before_the_user_came(irc: IrcHub) -> None:
    for name in ("phone", "desk"):
        await leave(await device(irc, name))
    await write(irc, "before", channel="later")
    desk = await device(irc, "desk")
    await desk.join("#later")
    await write(irc, "after", channel="later")
    await desk.sync()
    assert said(await leave(await device(irc, "phone"))) == ["after"]


async def test_own_words_come_back_only_to_clients_that_take_echoes(irc: IrcHub) -> None:
    for name in ("plain", "echo"):
        await leave(await device(irc, name))
    desk = await device(irc, "desk")
    await desk.ask("PRIVMSG #work :mine")
    await write(irc, "theirs")
    assert said(await leave(await device(irc, "plain"))) == ["theirs"]
    assert said(await leave(await device(irc, "echo", *CAPS, "echo-message"))) == ["mine", "theirs"]


async def test_changes_of_what_a_device_knows_come_too(irc: IrcHub) -> None:
    [known] = await write(irc, "known")
    phone = await device(irc, "phone")
    await leave(phone)
    [missed] = await write(irc, "missed")
    actor = await writer(irc)
    await irc.hub.cases.messages.edit(actor, known, "known better")
    await irc.hub.cases.messages.edit(actor, missed, "missed today")
    assert said(await leave(await device(irc, "phone"))) == ["missed today", "* known better (edited)"]


async def test_a_reset_connection_loses_nothing(irc: IrcHub) -> None:
    texts = [str(number) for number in range(1_200)]
    await leave(await device(irc, "phone"))
    await write(irc, *texts[:600])
    phone = await device(irc, "phone")
    await phone.expect("PRIVMSG", 1, "100")
    await write(irc, *texts[600:])
    phone.reset()
    assert said(await leave(await device(irc, "phone"))) == texts


async def test_a_long_replay_goes_on_where_it_broke(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [str(number) for number in range(1_200)]
    await leave(await device(irc, "phone"))
    await write(irc, *texts)

    async def answered(replays: Replays, session: Session) -> bool:
        await eventually(lambda: not replays._states[session].tokens)  # while the replay is under way
        return True

    monkeypatch.setattr(Replays, "has_left", answered)
    phone = await device(irc, "phone")
    heard: list[str] = []
    for _ in range(2):
        while (line := await phone.read()).command != "PING":
            heard += said([line])
        known = len(heard)
        phone.send(*[f"PONG {line.params[0]}"] * (known == 500))
    assert known == 1_000  # this PING came since the one before was answered
    phone.reset()
    monkeypatch.undo()
    assert said(await leave(await device(irc, "phone"))) == texts[500:]


async def test_a_client_that_never_reads_is_cut_and_goes_on_where_it_was(irc: IrcHub) -> None:
    texts = [f"{number} {'x' * 400}" for number in range(20_000)]
    phone = await device(irc, "phone")
    await phone.sync()
    phone.stop_reading()
    for start in range(0, len(texts), 50):
        await write(irc, "\n".join(texts[start : start + 50]))
        await asyncio.sleep(0)  # the server's own turn
    phone.read_again()
    heard = said(await rest(phone))[:-1]  # the last one may have been cut within
    assert heard == texts[: len(heard)]
    assert len(heard) < len(texts) - 2
    again = await device(irc, "phone")
    assert said(await again.sync()) == texts


async def test_thirty_reconnects_under_traffic_lose_and_double_nothing(irc: IrcHub) -> None:
    texts = [str(number) for number in range(1_500)]
    heard: list[str] = []
    await leave(await device(irc, "phone"))

    async def talk() -> None:
        for text in texts:
            await write(irc, text)
            await asyncio.sleep(0.001)

    talking = asyncio.create_task(talk())
    for _ in range(30):
        client = await device(irc, "phone")
        await asyncio.sleep(0.03)
        heard += said(await leave(client))
    assert heard
    await talking
    heard += said(await leave(await device(irc, "phone")))
    assert heard == texts


async def test_last_words_are_heard_before_the_end(irc: IrcHub) -> None:
    other = await irc.client("bob")
    await other.join("#work")
    _, stream = await asyncio.open_connection("127.0.0.1", irc.port)
    stream.write(b"NICK eve\r\nUSER eve 0 * :Eve\r\nJOIN #work\r\nPRIVMSG #work :hi\r\nPRIVMSG #work :bye\r\n")
    await stream.drain()
    stream.close()
    quit_ = await other.expect("QUIT")
    assert (quit_.source or "").startswith("eve!")


async def test_last_words_come_in_their_order(irc: IrcHub) -> None:
    other = await irc.client("bob")
    await other.join("#work")
    eve = await irc.client("eve")
    await eve.join("#work")
    await other.sync()
    eve.send(*(f"PRIVMSG #work :{number}" for number in range(40)))
    await eve.close()
    lines = []
    while (line := await other.read()).command != "QUIT":
        lines.append(line)
    assert said(lines) == [str(number) for number in range(40)]
