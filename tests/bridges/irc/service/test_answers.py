import asyncio
import gc
import weakref

import pytest

from airchat.protocol.errors import Forbidden, InvalidInput
from airchat.protocol.principals import Kind, Role
from bridges.irc.service.table import COMMANDS
from bridges.irc.session import Session
from tests.bridges.irc.server import IrcHub
from tests.bridges.irc.service.asking import ask, caller


async def test_help_lists_every_command_on_one_page(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    told = await ask(ann, "help")
    assert [row.split(":", 1)[0].split(" ")[0] for row in told] == [*sorted(COMMANDS), "more"]
    assert len(told) <= 20
    assert await ask(ann, "help search") == ["search words... [in:#channel] [from:nick]: Find messages, newest first"]
    assert await ask(ann, "HELP Files") == [
        "files [#channel]: List shared files, newest first; a link opens its file for an hour"
    ]
    assert await ask(ann, "help me") == ['There is no command "me"; help lists those that there are']


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("dance", 'There is no command "dance"; help lists those that there are'),
        ("task", "id is missing. Usage: task id"),
        ("task a b", '"b" is one word too many. Usage: task id'),
        ("task 7", 'id: there is no task "7" that you may see; tasks lists them'),
        ("tasks general", 'channel: "general" is no channel; channels begin with #, as in #general'),
        ("files #nowhere", "channel: there is no channel #nowhere that you may read"),
        ("search in:#nowhere x", "in: there is no channel #nowhere that you may read"),
        ("search x from:nobody", 'from: nobody is called "nobody"'),
        ("search from:", "from: a name must follow, without a blank, as in in:#general or from:ann"),
        ("search x from:ann from:ann", "from: give it once"),
        ("search from:ann", "words: say at least one to search for, as in: search deploy in:#general"),
        ("read nobody", 'nick: nobody is called "nobody"'),
        ("link 7", 'message: there is none with the id "7" that you may read'),
        ("mute ann", "nick: you cannot mute yourself"),
        ("more", "There is no more of the last answer"),
    ],
)
async def test_what_is_wrong_is_named(irc: IrcHub, text: str, answer: str) -> None:
    assert await ask(await irc.client("ann"), text) == [answer]


async def test_long_answers_come_in_pages(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#work")
    for number in range(40):
        ann.send(f"TASK CREATE #work :job {number}")
    await ann.sync()
    pages = [await ask(ann, text) for text in ("tasks", "more", "more", "more")]
    assert [len(page) for page in pages] == [19, 19, 4, 1]
    assert [row.rpartition(" ")[2] for page in pages for row in page if "job" in row] == [str(i) for i in range(40)]
    assert [page[-1] for page in pages if "job" not in page[-1]] == [
        *["There is more: /msg hub more"] * 2,
        "There is no more of the last answer",
    ]
    await ask(ann, "tasks")
    await ask(ann, "whoami")
    assert await ask(ann, "more") == ["There is no more of the last answer"]


async def test_an_answer_is_one_labelled_response_behind_the_echo(irc: IrcHub) -> None:
    ann = await irc.client("ann", "labeled-response", "batch", "message-tags", "echo-message")
    ann.send("@label=x1 PRIVMSG hub :help search")
    opening, echo, told, closing = await ann.sync()
    assert (opening.command, opening.tags["label"]) == ("BATCH", "x1")
    assert (echo.command, *echo.params) == ("PRIVMSG", "hub", "help search")
    assert echo.source is not None
    assert echo.source.startswith("ann!")
    assert (told.command, told.source, told.tags["batch"]) == ("NOTICE", "hub!service@hub", opening.params[0][1:])
    assert closing.params == (f"-{opening.params[0][1:]}",)


async def test_a_command_asks_as_well_and_notices_are_not_answered(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    assert [line[2:] for line in await ann.ask("HUB help task")] == [("task id: Tell everything about one task",)]
    assert await ann.ask("NOTICE hub :help") == []
    assert await ann.ask("PRIVMSG hub :\x01VERSION\x01") == []


async def test_the_hub_is_somebody_whom_nobody_else_can_be(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    server = "airchat.hub"
    assert await ann.ask("NICK HUB") == [("433", "ann", "HUB", "Nickname is already in use")]
    assert await ann.ask("WHOIS Hub") == [
        ("311", "ann", "hub", "service", "hub", "*", "The hub itself: /msg hub help"),
        ("312", "ann", "hub", server, "AirChat"),
        ("335", "ann", "hub", "is a bot on AirChat"),
        ("318", "ann", "hub", "End of WHOIS list"),
    ]
    assert await ann.ask("ISON HUB nobody ann") == [("303", "ann", "hub ann")]
    assert await ann.ask("USERHOST hub") == [("302", "ann", "hub=+service@hub")]
    assert await ann.ask("WHO hub %tna,7") == [
        ("354", "ann", "7", "hub", "0"),
        ("315", "ann", "hub", "End of WHO list"),
    ]
    assert (await ann.ask("WHO hub"))[0] == (
        ("352", "ann", "*", "service", "hub", server, "hub", "HB", "0 The hub itself: /msg hub help")
    )
    assert await ann.ask("MONITOR + hub") == [("730", "ann", "hub!service@hub")]
    assert [line[:3] for line in await ann.ask("KICK #none hub")] == [("403", "ann", "#none")]


async def test_a_token_for_reading_asks_but_mutes_nobody(irc: IrcHub) -> None:
    reader = await caller(irc, "reader", Kind.PERSON, "read")
    await irc.client("ann")
    client = await irc.client("reader", password=reader.key)
    assert await ask(client, "tasks") == ["No open tasks"]
    assert await ask(client, "mute ann") == ["Your token may read, but not change anything"]
    assert await ask(client, "mute") == ["You have muted nothing"]


async def test_a_client_that_asks_for_the_past_finds_none(irc: IrcHub) -> None:
    ann = await irc.client("ann", "batch", "draft/chathistory")
    await ask(ann, "whoami")
    opening, closing = await ann.ask("CHATHISTORY LATEST hub * 10")
    assert opening[2:] == ("chathistory", "hub")
    assert closing == ("BATCH", f"-{opening[1][1:]}")


@pytest.mark.parametrize("name", ["hub", "nickserv", "chanserv"])
async def test_no_account_is_called_like_a_service(irc: IrcHub, name: str) -> None:
    with pytest.raises(InvalidInput):
        await irc.hub.cases.people.create(irc.hub.actor, name, None, None, Role.MEMBER, None)
    with pytest.raises(Forbidden):
        await irc.hub.cases.agents.add(irc.hub.actor, name)


async def test_an_answer_that_is_not_read_to_its_end_goes_with_its_session(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#work")
    for number in range(40):
        ann.send(f"TASK CREATE #work :job {number}")
    await ann.sync()
    bob = await irc.client("bob")
    assert (await ask(bob, "tasks"))[-1] == "There is more: /msg hub more"
    gc.collect()  # those of other tests
    [session] = [weakref.ref(one) for one in gc.get_objects() if isinstance(one, Session) and one.nick == "bob"]
    bob.send("QUIT")
    await bob.expect("ERROR")
    await bob.close()
    for _ in range(100):
        await asyncio.sleep(0.01)
        gc.collect()
        if session() is None:
            return
    pytest.fail("the session is still there")
