import asyncio
from pathlib import Path

import pytest

from airchat.protocol.principals import Kind, Principal
from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import format_time
from tests.bridges.irc.accounts.test_login import PASSWORD, caller, person
from tests.bridges.irc.server import Client, IrcHub, running_irc_server

CAPS = ("batch", "message-tags", "server-time", "labeled-response", "echo-message", "draft/chathistory")
END = "draft/chathistory-end"


async def author(irc: IrcHub) -> Principal:
    """Return somebody who writes by other means than IRC."""
    known = irc.hub.cases.directory.principal_by_name("writer")
    return known or (await caller(irc, "writer", Kind.AGENT)).principal


async def written(irc: IrcHub, count: int, channel: str = "work") -> list[str]:
    """Write numbered messages and return their ids."""
    actor = await author(irc)
    posted = [await irc.hub.cases.messages.post(actor, channel, str(number)) for number in range(count)]
    return [one.message.id for one in posted]


async def page(client: Client, request: str) -> tuple[list[str], bool]:
    """Return the texts of a page of history, and whether it says that nothing is beyond it."""
    client.send(f"CHATHISTORY {request}")
    opening = await client.expect("BATCH")
    found: list[Line] = []
    while (line := await client.read()).command != "BATCH":
        found.append(line)
    return [line.params[-1] for line in found], END in opening.tags


@pytest.mark.parametrize(
    ("request_", "texts", "ended"),
    [
        ("LATEST #work * 3", "789", False),
        ("LATEST #work * 10", "0123456789", True),
        ("LATEST #work * 50", "0123456789", True),
        ("LATEST #work msgid={6} 3", "789", True),
        ("LATEST #work msgid={6} 2", "89", False),
        ("BEFORE #work msgid={3} 2", "12", False),
        ("BEFORE #work msgid={3} 3", "012", True),
        ("AFTER #work msgid={3} 2", "45", False),
        ("AFTER #work msgid={7} 2", "89", True),
        ("AFTER #work msgid={9} 2", "", True),
        ("BETWEEN #work msgid={2} msgid={5} 9", "34", True),
        ("BETWEEN #work msgid={5} msgid={2} 1", "4", False),
        ("AROUND #work msgid={5} 3", "456", False),
    ],
)
async def test_pages_and_their_ends(irc: IrcHub, request_: str, texts: str, ended: bool) -> None:
    ids = await written(irc, 10)
    client = await irc.client("ann", *CAPS)
    await client.join("#work")
    assert await page(client, request_.format(*ids)) == (list(texts), ended)


async def test_an_id_and_a_time_may_be_the_bounds_of_one_page(irc: IrcHub) -> None:
    ids = await written(irc, 3)
    actor = await author(irc)
    await asyncio.sleep(0.005)
    last = (await irc.hub.cases.messages.post(actor, "work", "last")).message
    client = await irc.client("ann", *CAPS)
    await client.join("#work")
    at = f"timestamp={format_time(last.created_at)}"
    assert await page(client, f"BETWEEN #work msgid={ids[0]} {at} 9") == (["1", "2"], True)
    assert await page(client, f"BETWEEN #work {at} msgid={ids[0]} 1") == (["2"], False)


async def test_paging_back_ends_and_meets_every_message_once(irc: IrcHub) -> None:
    await written(irc, 25)
    client = await irc.client("ann", *CAPS)
    await client.join("#work")
    found: list[str] = []
    before, rounds = "*", 0
    while True:
        rounds += 1
        client.send(f"CHATHISTORY {'LATEST' if before == '*' else 'BEFORE'} #work {before} 10")
        opening = await client.expect("BATCH")
        lines = []
        while (line := await client.read()).command != "BATCH":
            lines.append(line)
        found = [line.params[-1] for line in lines] + found
        if END in opening.tags:
            break
        before = f"msgid={lines[0].tags['msgid']}"
    assert (found, rounds) == ([str(number) for number in range(25)], 3)


async def test_a_message_of_many_lines_is_one_entry_with_its_own_batch(irc: IrcHub) -> None:
    ann = await irc.client("ann", *CAPS, "draft/multiline")
    await ann.join("#work")
    ann.send("BATCH +1 draft/multiline #work")
    for text in ("  def f():", "", "    return 1"):
        ann.send(f"@batch=1 PRIVMSG #work :{text}")
    ann.send("BATCH -1", "PRIVMSG #work :  more ")
    await ann.sync()
    ann.send("@label=x CHATHISTORY LATEST #work * 2")
    lines = [await ann.expect("BATCH")]
    while lines[-1].params != (f"-{lines[0].params[0][1:]}",):
        lines.append(await ann.read())
    outer, inner = lines[0].params[0][1:], lines[1].params[0][1:]
    assert (lines[0].tags["label"], lines[0].params[1], lines[1].params[1]) == ("x", "chathistory", "draft/multiline")
    assert [line.tags.get("batch") for line in lines] == [None, outer, inner, inner, inner, None, outer, None]
    texts = [line.params[1] for line in lines if line.command == "PRIVMSG"]
    assert texts == ["  def f():", "", "    return 1", "  more "]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("LATEST #elsewhere * 5", "INVALID_TARGET"),
        ("LATEST nobody * 5", "INVALID_TARGET"),
        ("LATEST #work * none", "INVALID_PARAMS"),
        ("LATEST #work msgid=unknown 5", "INVALID_PARAMS"),
        ("NEWEST #work * 5", "INVALID_PARAMS"),
        ("BETWEEN #work * 5", "INVALID_PARAMS"),
        ("LATEST #work * 5 5", "INVALID_PARAMS"),
    ],
)
async def test_what_cannot_be_answered_is_told_so(irc: IrcHub, request_: str, code: str) -> None:
    bob, ann = await irc.client("bob", *CAPS), await irc.client("ann", *CAPS)
    await bob.join("#elsewhere")
    await ann.join("#work")
    [(command, *params)] = await ann.ask(f"CHATHISTORY {request_}")
    assert (command, params[:2]) == ("FAIL", ["CHATHISTORY", code])


async def test_conversations_of_others_are_nobodys(irc: IrcHub) -> None:
    ann, bob, eve = [await irc.client(nick, *CAPS) for nick in ("ann", "bob", "eve")]
    await ann.ask("PRIVMSG bob :secret")
    assert await page(bob, "LATEST ann * 5") == (["secret"], True)
    assert await page(eve, "LATEST ann * 5") == ([], True)
    assert await page(eve, "LATEST bob * 5") == ([], True)


async def test_typing_is_shown_and_forgotten(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", *CAPS, "draft/event-playback"), await irc.client("bob", *CAPS)
    await ann.join("#work")
    await bob.join("#work")
    await ann.sync()
    bob.send("@+typing=active TAGMSG #work", "@+typing=done;+x=y PRIVMSG #work :hi")
    await bob.sync()
    typing, hi = await ann.sync()
    assert (typing.command, typing.tags["+typing"], hi.tags["+x"]) == ("TAGMSG", "active", "y")
    ann.send("CHATHISTORY LATEST #work * 1")
    kept = await ann.expect("PRIVMSG")
    assert ({name for name in kept.tags if name.startswith("+")}, kept.params[1]) == ({"+x"}, "hi")


async def test_edits_and_deletions_from_elsewhere_are_shown(irc: IrcHub) -> None:
    ids = await written(irc, 2)
    actor = await author(irc)
    ann = await irc.client("ann", "message-tags", "draft/message-redaction")
    bob = await irc.client("bob")
    for client in (ann, bob):
        await client.join("#work")
    await ann.sync()
    await irc.hub.cases.messages.edit(actor, ids[0], "zero")
    await irc.hub.cases.messages.delete(actor, ids[1])
    edited, deleted = await ann.sync()
    assert (edited.params, edited.tags["+reply"]) == (("#work", "* zero (edited)"), ids[0])
    assert deleted.params == ("#work", ids[1])
    assert await bob.seen() == [("writer", "PRIVMSG", "#work", "* zero (edited)")]


async def test_a_channels_operator_takes_back_what_others_say(irc: IrcHub) -> None:
    caps = ("batch", "message-tags", "echo-message", "labeled-response", "draft/message-redaction")
    ann, bob = await irc.client("ann", *caps), await irc.client("bob", *caps)
    await ann.join("#ops")
    await bob.join("#ops")
    bob.send("PRIVMSG #ops :spam")
    msgid = (await bob.expect("PRIVMSG")).tags["msgid"]
    ann.send("PRIVMSG #ops :rule")
    rule = (await ann.expect("PRIVMSG", 1, "rule")).tags["msgid"]
    await bob.sync()
    assert (await bob.ask(f"REDACT #ops {rule}"))[0][:3] == ("FAIL", "REDACT", "REDACT_FORBIDDEN")
    assert (await ann.ask(f"REDACT #ops {msgid} :off topic")) == [("REDACT", "#ops", msgid, "off topic")]
    assert await bob.seen() == [("ann", "REDACT", "#ops", msgid, "off topic")]
    assert (await ann.ask(f"REDACT #ops {msgid}"))[0][:3] == ("FAIL", "REDACT", "UNKNOWN_MSGID")


async def test_an_account_reads_on_another_device_what_it_said_on_one(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path) as irc:
        await person(irc, "ann")
        await written(irc, 1)
        phone = await irc.client("ann", *CAPS, password=f"ann@phone:{PASSWORD}")
        await phone.join("#work")
        await phone.ask("PRIVMSG #work :from the phone")
        desk = await irc.client("ann", *CAPS, password=f"ann@desk:{PASSWORD}")
        assert await page(desk, "LATEST #work * 5") == (["0", "from the phone"], True)
