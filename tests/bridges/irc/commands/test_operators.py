from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.principals import Role
from tests.bridges.irc.server import IrcHub, running_irc_server

PASSWORD = "correct horse battery"


@pytest.fixture
async def irc(tmp_path: Path) -> AsyncIterator[IrcHub]:
    """A server with an operator in its settings, who is nobody on the hub."""
    async with running_irc_server(tmp_path, oper_name="root", oper_password="sesame") as running:
        yield running


async def person(irc: IrcHub, name: str, role: Role) -> None:
    await irc.hub.cases.accounts.register(name, PASSWORD, "127.0.0.1")
    if role is not Role.MEMBER:
        await irc.hub.cases.people.set_role(irc.hub.actor, name, role)


async def test_admins_of_the_hub_operate_the_server_and_members_do_not(irc: IrcHub) -> None:
    await person(irc, "boss", Role.ADMIN)
    await person(irc, "bob", Role.MEMBER)
    ann = await irc.client("ann")
    for words in (f"bob :{PASSWORD}", "boss :wrong", "root :wrong", f"root :{PASSWORD}", "nobody :sesame"):
        assert await ann.ask(f"OPER {words}") == [("464", "ann", "Password incorrect")]
    assert await ann.ask(f"OPER boss :{PASSWORD}") == [
        ("381", "ann", "You are now an IRC operator"),
        ("MODE", "ann", "+o"),
    ]
    assert await ann.ask("MODE ann -o+o") == [("MODE", "ann", "-o")]
    assert [line[0] for line in await ann.ask("WALLOPS :hello")] == ["481"]


async def test_the_token_of_an_owner_will_do_unless_it_only_reads(irc: IrcHub) -> None:
    cases = irc.hub.cases
    owner = (await cases.people.create(irc.hub.actor, "boss", role=Role.OWNER)).principal
    reads, writes = [(await cases.credentials.create_token(owner, None, one, one))[1] for one in ("read", "write")]
    ann = await irc.client("ann")
    for words in (f"boss {reads}", f"eve {writes}"):
        assert await ann.ask(f"OPER {words}") == [("464", "ann", "Password incorrect")]
    assert [line[0] for line in await ann.ask(f"OPER boss {writes}")] == ["381", "MODE"]


async def test_an_operator_of_the_server_is_none_of_the_hub(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await bob.join("#lounge")
    await ann.ask("OPER root sesame")
    assert [line[0] for line in await ann.ask("JOIN #lounge")] == ["JOIN", "353", "366"]
    assert [line[0] for line in await ann.ask("MODE #lounge +m")] == ["482"]


@pytest.mark.slow
async def test_the_password_of_the_settings_cannot_be_guessed_at_any_speed(tmp_path: Path) -> None:
    section = {"oper_name": "root", "oper_password": "sesame", "limits": "normal"}
    async with running_irc_server(tmp_path, **section) as irc:
        ann, bob = await irc.client("ann"), await irc.client("bob")
        for number in range(10):
            assert [line[0] for line in await ann.ask(f"OPER root guess{number}")] == ["464"]
        assert [line[0] for line in await bob.ask("OPER root sesame")] == ["464"]


async def test_kill_ends_every_session_and_those_who_are_left_see_why(irc: IrcHub) -> None:
    await person(irc, "bob", Role.MEMBER)
    ann, eve = await irc.client("ann"), await irc.client("eve", "away-notify")
    sessions = [await irc.client("bob", password=f"bob:{PASSWORD}") for _ in range(2)]
    victim = await irc.client("guest")
    for client in (sessions[0], victim, eve):
        await client.join("#lounge")
    await ann.ask("OPER root sesame")
    assert await ann.ask("KILL bob :too loud") == []
    for session in sessions:
        assert (await session.expect("KILL")).params == ("bob", "too loud")
        assert (await session.expect("ERROR")).params == ("Closing link: Killed (ann (too loud))",)
    await ann.ask("KILL guest")
    assert await eve.seen() == [("bob", "AWAY", "offline"), ("guest", "QUIT", "Killed (ann (No reason given))")]
    assert [line[0] for line in await ann.ask("KILL guest")] == ["401"]
    assert [line[0] for line in await ann.ask("KILL airchat.hub")] == ["483"]
