"""What a client shows to have counts before it answers a PING; the clients of these tests answer none."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from airchat.protocol.timestamps import MILLISECOND
from bridges.irc.wire.lines import Line
from tests.bridges.irc.accounts.test_login import person
from tests.bridges.irc.log.test_replay import CAPS, device, leave, said, write, writer
from tests.bridges.irc.server import Client, IrcHub, running_irc_server

CHANNELS = ("work", "talk", "tea")
MARKING = (*CAPS, "draft/read-marker")
ASKING = (*MARKING, "draft/chathistory")


@pytest.fixture
async def irc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IrcHub]:
    """A hub with ann in three channels, where each message has a millisecond of its own."""
    async with running_irc_server(tmp_path) as running:
        at = running.hub.clock()

        def clock() -> int:
            nonlocal at
            at = max(at + MILLISECOND, running.hub.clock())
            return at

        for part in (running.hub.cases.messages, running.hub.cases.messages._posting):
            monkeypatch.setattr(part, "_clock", clock)
        await person(running, "ann")
        for channel in CHANNELS:
            await running.hub.cases.channels.open(await writer(running), channel)
        client = await device(running, "first")
        await client.join(*(f"#{channel}" for channel in CHANNELS))
        await leave(client)
        yield running


def times(lines: list[Line]) -> dict[str, str]:
    """Return when each text was said."""
    return {line.params[1]: line.tags["time"] for line in lines if line.command == "PRIVMSG"}


async def mark(client: Client, channel: str, time: str) -> None:
    assert ("MARKREAD", f"#{channel}", f"timestamp={time}") in await client.ask(f"MARKREAD #{channel} timestamp={time}")


async def broken(irc: IrcHub, client: Client, name: str, *capabilities: str) -> list[str]:
    """Break the connection, and return what the device is sent when it comes back."""
    client.reset()
    again = await device(irc, name, *capabilities)
    heard = said(await again.sync())
    again.reset()
    return heard


async def test_what_was_marked_as_read_does_not_come_again(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    await write(irc, "1", "2", "3")
    at = times(await phone.sync())
    await mark(phone, "work", at["2"])
    assert await broken(irc, phone, "phone", *MARKING) == ["3"]


async def test_a_marker_says_nothing_of_other_channels(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    await write(irc, "1")
    await write(irc, "2", channel="talk")
    await write(irc, "3")
    at = times(await phone.sync())
    await mark(phone, "work", at["3"])
    phone.reset()
    phone = await device(irc, "phone", *MARKING)
    await phone.sync()
    assert await broken(irc, phone, "phone", *MARKING) == ["2", "3"]


async def test_markers_of_several_channels_count_together(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    for text, channel in (("1", "work"), ("2", "talk"), ("3", "work"), ("4", "tea")):
        await write(irc, text, channel=channel)
    at = times(await phone.sync())
    await mark(phone, "work", at["3"])
    await mark(phone, "talk", at["2"])
    assert await broken(irc, phone, "phone", *MARKING) == ["4"]


async def test_a_clock_that_is_ahead_shows_nothing(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    await write(irc, "1", "2")
    await phone.sync()
    await phone.ask("MARKREAD #work timestamp=2100-01-01T00:00:00.000Z")
    assert await broken(irc, phone, "phone", *MARKING) == ["1", "2"]


async def test_a_time_of_another_channel_shows_nothing(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    await write(irc, "1", channel="talk")
    await write(irc, "2")
    at = times(await phone.sync())
    await mark(phone, "talk", at["2"])
    assert await broken(irc, phone, "phone", *MARKING) == ["1", "2"]


async def test_a_marker_that_another_client_set_before_shows_nothing(irc: IrcHub) -> None:
    phone, desk = await device(irc, "phone", *MARKING), await device(irc, "desk", *MARKING)
    await write(irc, "1", "2")
    at = times(await desk.sync())
    await mark(desk, "work", at["2"])
    await phone.ask(f"MARKREAD #work timestamp={at['2']}")
    assert await broken(irc, phone, "phone", *MARKING) == ["1", "2"]


async def test_of_one_millisecond_only_the_first_line_is_shown(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await device(irc, "phone", *MARKING)
    moment = irc.hub.clock() + 10 * MILLISECOND
    with monkeypatch.context() as patch:
        patch.setattr(irc.hub.cases.messages._posting, "_clock", lambda: moment)
        await write(irc, "1", "2")
    at = times(await phone.sync())
    assert at["1"] == at["2"]
    await mark(phone, "work", at["2"])
    assert await broken(irc, phone, "phone", *MARKING) == ["2"]


async def test_a_change_that_came_after_the_marked_line_comes_again(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    [known] = await write(irc, "known")
    await irc.hub.cases.messages.edit(await writer(irc), known, "known better")
    at = times(await phone.sync())
    await mark(phone, "work", at["known"])
    assert await broken(irc, phone, "phone", *MARKING) == ["* known better (edited)"]


async def test_own_words_without_echo_are_no_obstacle(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    await phone.ask("PRIVMSG #talk :mine")
    await write(irc, "1", "2")
    at = times(await phone.sync())
    await mark(phone, "work", at["1"])
    assert await broken(irc, phone, "phone", *MARKING) == ["2"]


async def test_direct_messages_are_marked_by_their_nick(irc: IrcHub) -> None:
    phone = await device(irc, "phone", *MARKING)
    for text in ("1", "2"):
        await irc.hub.cases.messages.direct(await writer(irc), "ann", text)
    at = times(await phone.sync())
    await phone.ask(f"MARKREAD writer timestamp={at['1']}")
    assert await broken(irc, phone, "phone", *MARKING) == ["2"]


@pytest.mark.parametrize(
    ("request_", "left"),
    [
        ("AFTER #work msgid={1} 10", ["2", "3"]),
        ("LATEST #work msgid={1} 10", ["2", "3"]),
        ("LATEST #work timestamp={at} 10", ["2", "3"]),
        ("BETWEEN #work msgid={0} msgid={2} 10", ["1", "2", "3"]),
        ("BETWEEN #work msgid={2} msgid={0} 10", ["0", "1", "2", "3"]),
        ("BEFORE #work msgid={3} 10", ["0", "1", "2", "3"]),
        ("AROUND #work msgid={3} 10", ["0", "1", "2", "3"]),
        ("LATEST #work * 10", ["0", "1", "2", "3"]),
        ("AFTER #talk msgid={1} 10", ["0", "1", "2", "3"]),
    ],
)
async def test_who_asks_for_what_comes_after_a_line_has_it(irc: IrcHub, request_: str, left: list[str]) -> None:
    phone = await device(irc, "phone")
    ids = await write(irc, "0", "1", "2", "3")
    at = times(await phone.sync())
    await phone.ask("CHATHISTORY " + request_.format(*ids, at=at["1"]))
    assert await broken(irc, phone, "phone") == left


async def test_fetching_moves_no_place_but_that_of_who_fetches(irc: IrcHub) -> None:
    await leave(await device(irc, "phone"))
    asking = await device(irc, "phone", *ASKING)
    ids = await write(irc, "1", "2", "3")
    await asking.ask(f"CHATHISTORY AFTER #work msgid={ids[1]} 10")
    asking.reset()
    assert said(await leave(await device(irc, "phone"))) == ["1", "2", "3"]


@dataclass
class Model:
    """What a device was sent, and what of that it has shown to have."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    def show(self, channel: str, text: str) -> None:
        until = [said for _, said in self.sent].index(text)
        self.shown.update(said for place, said in self.sent[: until + 1] if place == channel)

    def break_off(self) -> list[str]:
        """Return what comes again: everything from the first line on that was not shown."""
        while self.sent and self.sent[0][1] in self.shown:
            del self.sent[0]
        texts = [text for _, text in self.sent]
        self.shown.clear()  # of what comes again, it has to be shown again
        return texts


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_marked_and_breaks_exactly_the_rest_comes_again(irc: IrcHub, seed: int) -> None:
    chance, name = random.Random(seed), f"phone-{seed}"
    model, at, count = Model(), dict[str, str](), 0
    phone = await device(irc, name, *MARKING)
    marked = dict.fromkeys(CHANNELS, "")
    for _ in range(60):
        deed = chance.choice(("write", "write", "mark", "mark", "break"))
        channel = chance.choice(CHANNELS)
        if deed == "write":
            for _ in range(chance.randrange(1, 4)):
                count += 1
                await write(irc, str(count), channel=channel)
                model.sent.append((channel, str(count)))
            at |= times(await phone.sync())
        elif deed == "mark":
            texts = [text for place, text in model.sent if place == channel and at[text] > marked[channel]]
            if texts:
                text = chance.choice(texts)
                await mark(phone, channel, at[text])
                marked[channel] = at[text]
                model.show(channel, text)
        else:
            wanted = model.break_off()
            phone.reset()
            phone = await device(irc, name, *MARKING)
            assert said(await phone.sync()) == wanted
    assert count
