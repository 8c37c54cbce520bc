from pathlib import Path

import pytest

from tests.bridges.irc.server import IrcHub
from tests.bridges.irc.service.asking import WEB, ask, hub_on_the_web


def texts(rows: list[str]) -> list[str]:
    """Return what is behind the time, without the id."""
    return [row[17:].rpartition(" (")[0] or row[17:] for row in rows]


async def test_search_finds_what_one_may_read_newest_first(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#ops")
    await bob.join("#ops", "#den")
    await bob.ask("MODE #den +i")
    for line in ("#ops :deploy one", "#ops :nothing to see", "#ops :deploy two"):
        await ann.ask(f"PRIVMSG {line}")
    await bob.ask("PRIVMSG #ops :\x02deploy\x02 \x0304three")
    await bob.ask("PRIVMSG #den :deploy secretly")
    await bob.ask("PRIVMSG ann :deploy this evening?")
    await ann.sync()
    assert texts(await ask(ann, "search deploy")) == [
        "bob <bob> deploy this evening?",
        "#ops <bob> deploy three",
        "#ops <ann> deploy two",
        "#ops <ann> deploy one",
    ]
    assert texts(await ask(ann, "search deploy in:#OPS from:ann")) == ["#ops <ann> deploy two", "#ops <ann> deploy one"]
    assert await ask(ann, "search deploy -two -one from:ann") == ["Nothing found"]
    assert len(await ask(bob, "search secretly")) == 1


async def test_read_shows_the_latest_and_goes_back(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#ops")
    assert await ask(bob, "read #ops") == ["Nothing was said there yet: #ops"]
    for number in range(20):
        await ann.ask(f"PRIVMSG #ops :line {number}")
    first, second = await ask(bob, "read #ops"), await ask(bob, "more")
    assert [row.rpartition(" ")[2] for row in first[:-1]] == [str(number) for number in range(2, 20)]
    assert [row.rpartition(" ")[2] for row in second] == ["0", "1"]
    assert await ask(bob, "read ann") == ["Nothing was said there yet: ann"]


async def test_what_others_wrote_stays_one_line(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#ops")
    channel, actor = "ops", irc.hub.actor
    await irc.hub.cases.messages.post(actor, channel, f"one\nPRIVMSG #ops :two\x02\x1f {'ü' * 300}")
    await ann.sync()
    [row] = await ask(ann, "read #ops")
    assert row[17:].startswith("#ops <system> one PRIVMSG #ops :two ü")
    assert row.endswith("ü…")


@pytest.mark.parametrize("web", [True, False])
async def test_link_shows_where_a_message_stands(tmp_path: Path, irc: IrcHub, web: bool) -> None:
    async with hub_on_the_web(tmp_path / "other") as other:
        hub = other if web else irc
        ann = await hub.client("ann", "message-tags", "echo-message")
        await ann.join("#ops")
        ann.send("PRIVMSG #ops :look here")
        message_id = (await ann.expect("PRIVMSG")).tags["msgid"]
        ann.send(f"HUB link {message_id}")
        shown, address = [line.params[1] for line in await ann.sync()]
        assert shown[17:] == "#ops <ann> look here"
        nowhere = "The hub has no address on the web: its administrator can set hub.public_url"
        assert address == (f"{WEB}/m/{message_id}" if web else nowhere)
