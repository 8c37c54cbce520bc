import asyncio
import base64
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import hub.irc
from airchat.protocol.errors import Unavailable
from airchat.protocol.principals import Kind, Role
from bridges.irc.config import IrcConfig
from store.ports.messages import Numbered
from tests.bridges.irc.server import Client, IrcHub, running_irc_server
from tests.bridges.irc.transport.far_end import Identity, client_context
from tests.hub.api.site import Caller, Site
from tests.hub.core.scram_client import ScramClient

PASSWORD = "correct horse"


async def person(irc: IrcHub, name: str) -> None:
    await irc.hub.cases.accounts.register(name, PASSWORD, "127.0.0.1")


async def caller(irc: IrcHub, name: str, kind: Kind = Kind.AGENT, scope: str = "write") -> Caller:
    """Introduce somebody who has a token."""
    return await Site(irc.hub, None).caller(name, Role.MEMBER, kind, scope)  # type: ignore[arg-type]  # no HTTP here


def plain(name: str, secret: str, acting_as: str = "") -> str:
    return base64.b64encode(f"{acting_as}\0{name}\0{secret}".encode()).decode()


async def greeted(irc: IrcHub, nick: str = "whoever", *capabilities: str) -> Client:
    """Return a client that still negotiates."""
    client = await irc.connect()
    client.send("CAP LS 302", f"NICK {nick}", f"USER {nick} 0 * :{nick} of the tests")
    for capability in capabilities:
        client.send(f"CAP REQ {capability}")
    await client.sync()
    return client


async def say(client: Client, mechanism: str, data: str) -> list[str]:
    """Say one thing by a mechanism, and return the numerics that come of it."""
    client.send(f"AUTHENTICATE {mechanism}")
    await client.expect("AUTHENTICATE", 0, "+")
    return [line[0] for line in await client.ask(f"AUTHENTICATE {data}")]


async def nick_after(client: Client) -> str:
    client.send("CAP END")
    return (await client.expect("001")).params[0]


async def why_ended(client: Client) -> str:
    return (await client.expect("ERROR")).params[0]


async def test_a_name_with_password_or_token_logs_in(irc: IrcHub) -> None:
    await person(irc, "ann")
    key = (await caller(irc, "robot")).key
    for name, secret in (("ann", PASSWORD), ("Ann@phone", PASSWORD), ("robot", key)):
        client = await greeted(irc)
        assert await say(client, "PLAIN", plain(name, secret)) == ["900", "903"]
        client.send("QUIT")
    for name, secret in (("ann", "wrong horse"), ("ann", key), ("nobody", PASSWORD), ("", PASSWORD), ("ann", "")):
        assert await say(await greeted(irc), "PLAIN", plain(name, secret)) == ["904"]
    assert await say(await greeted(irc), "PLAIN", plain("ann", PASSWORD, "robot")) == ["904"]
    assert [line[0] for line in await (await greeted(irc)).ask("AUTHENTICATE DIGEST-MD5")] == ["908", "904"]


async def test_scram_proves_both_sides_and_takes_a_device(irc: IrcHub) -> None:
    await person(irc, "ann")
    for password, wanted in ((b"wrong horse", ["904"]), (PASSWORD.encode(), ["AUTHENTICATE"])):
        client, scram = await greeted(irc), ScramClient("Ann@phone", password)
        client.send("AUTHENTICATE SCRAM-SHA-256", f"AUTHENTICATE {base64.b64encode(scram.first.encode()).decode()}")
        await client.expect("AUTHENTICATE", 0, "+")
        challenge = base64.b64decode((await client.expect("AUTHENTICATE")).params[0]).decode()
        final = base64.b64encode(scram.final(challenge).encode()).decode()
        answers = await client.ask(f"AUTHENTICATE {final}")
        assert [line[0] for line in answers] == wanted
    assert scram.proves(base64.b64decode(answers[0][1]).decode())
    assert [line[0] for line in await client.ask("AUTHENTICATE +")] == ["900", "903"]


async def test_a_certificate_logs_in_over_tls_alone(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    server, ann = (Identity.made(tmp_path / "keys", name) for name in ("server", "ann"))
    tls = {"tls_port": 0, "tls_cert": server.certificate, "tls_key": server.key}
    async with running_irc_server(tmp_path / "hub", **tls, sts_seconds=60) as irc:
        await person(irc, "ann")
        port = urlsplit(irc.hub.irc[1]).port
        by_password = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=client_context(ann)))
        await by_password.register("ann", password=f"ann:{PASSWORD}")
        assert ("NOTICE", "ann", f"You can log in by the certificate {ann.fingerprint}") in await by_password.ask(
            "NS CERT ADD"
        )
        await by_password.close()
        client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=client_context(ann)))
        client.send("CAP LS 302")
        assert "sasl=PLAIN,SCRAM-SHA-256,EXTERNAL" in (await client.expect("CAP", 1, "LS")).params[-1].split()
        assert await say(client, "EXTERNAL", base64.b64encode(b"bob").decode()) == ["904"]
        assert await say(client, "EXTERNAL", "+") == ["900", "903"]
        await client.close()
        assert [line[0] for line in await (await greeted(irc)).ask("AUTHENTICATE EXTERNAL")] == ["908", "904"]


async def test_pass_takes_a_token_or_a_name_with_its_secret(irc: IrcHub) -> None:
    await person(irc, "ann")
    key = (await caller(irc, "robot")).key
    assert (await irc.client("robot", password=key)).nick == "robot"
    assert (await irc.client("ann", password=f"ann@desk:{PASSWORD}")).nick == "ann"
    for wrong in ("no token", "ann:wrong horse"):
        client = await irc.connect()
        client.send(f"PASS :{wrong}", "NICK ann2", "USER ann 0 * :ann")
        await client.expect("464")
        assert await why_ended(client) == "Access denied: Password incorrect"


async def test_an_account_goes_by_its_name_and_strangers_are_kept_out(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, guests="off", nicks="accounts") as irc:
        await person(irc, "ann")
        client = await greeted(irc, "somebody")
        assert await say(client, "PLAIN", plain("ann", PASSWORD)) == ["900", "903"]
        assert await nick_after(client) == "ann"
        assert [line[0] for line in await client.ask("NICK other")][-1] == "432"
        stranger = await irc.connect()
        stranger.send("NICK stranger", "USER s 0 * :s")
        assert (await stranger.expect("FAIL")).params[:2] == ("*", "ACCOUNT_REQUIRED_TO_CONNECT")
        assert "You must log in" in await why_ended(stranger)


async def test_a_guest_takes_no_name_of_an_account(irc: IrcHub) -> None:
    await person(irc, "ann")
    client = await irc.connect()
    client.send("NICK Ann", "USER a 0 * :a")
    await client.expect("433", 1, "Ann")
    client.send("NICK ann2")
    await client.expect("001")
    await client.sync()
    for nick, numeric in (("ann", "433"), ("NickServ", "433"), ("Janitor", "433"), ("2nd", "432")):
        assert [line[0] for line in await client.ask(f"NICK {nick}")] == [numeric]


async def test_an_agent_has_one_session_and_two_do_not_take_turns(irc: IrcHub) -> None:
    key = (await caller(irc, "robot")).key
    first = await irc.client("robot", password=key)
    second = await irc.client("robot", password=key)
    assert await why_ended(first) == "Replaced by a newer session for robot"
    third = await irc.connect()
    third.send(f"PASS :{key}", "NICK robot", "USER robot 0 * :robot")
    assert "an agent has one at a time" in await why_ended(third)
    assert await second.sync() == []


async def test_a_session_ends_with_its_token_or_its_account(irc: IrcHub) -> None:
    cases, actor = irc.hub.cases, irc.hub.actor
    await person(irc, "ann")
    token, secret = await cases.credentials.create_token(actor, "ann", "desk")
    by_token, by_password = (
        await irc.client("ann", password=secret),
        await irc.client("ann", password=f"ann:{PASSWORD}"),
    )
    await cases.credentials.revoke(actor, token.id)
    assert await why_ended(by_token) == "What you logged in with is not valid any more"
    assert await by_password.sync() == []
    await cases.people.set_active(actor, "ann", active=False)
    assert await why_ended(by_password) == "You are deactivated"


async def test_a_token_for_reading_writes_nothing(irc: IrcHub) -> None:
    reader = await irc.client("robot", password=(await caller(irc, "robot", scope="read")).key)
    assert (await reader.ask("JOIN #lounge"))[0][:3] == ("FAIL", "JOIN", "READ_ONLY")
    assert (await reader.ask("PRIVMSG robot :hello"))[0][:3] == ("FAIL", "PRIVMSG", "READ_ONLY")
    assert (await reader.ask("LIST"))[-1][0] == "323"


async def test_an_account_is_made_and_its_maker_goes_on_as_it(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="open") as irc:
        watcher = await irc.client("watcher", "extended-join")
        ann = await irc.client("ann")
        await watcher.join("#lounge")
        await ann.join("#lounge")
        await watcher.sync()
        answers = await ann.ask("REGISTER * * :correct horse")
        assert answers[0] == ("REGISTER", "SUCCESS", "ann", "The account is made")
        assert [line for line in answers if line[0] in ("900", "PART", "JOIN")] == [
            ("900", "ann", answers[1][2], "ann", "You are now logged in as ann"),
            ("PART", "#lounge", "Logged in as ann"),
            ("JOIN", "#lounge"),
        ]
        assert await watcher.seen() == [
            ("ann", "QUIT", "Logged in as ann"),
            ("ann", "JOIN", "#lounge", "ann", "ann of the tests"),
        ]
        await ann.ask("PRIVMSG #lounge :it is me")
        channel = irc.hub.cases.directory.channel_by_name("lounge")
        assert channel is not None
        said = await irc.hub.cases.history.page(irc.hub.actor, channel, 1)
        assert [numbered.message.author_name for numbered in said if isinstance(numbered, Numbered)] == ["ann"]
        other = await irc.client("Bob-B")
        assert (await other.ask("REGISTER * * :correct horse"))[0][:3] == ("REGISTER", "SUCCESS", "Bob-B")
        known = irc.hub.cases.directory.principal_by_name("bob-b")
        assert known is not None
        assert known.display_name == "Bob-B"
        other = await irc.client("bob")
        assert (await other.ask("REGISTER ann * secret"))[0][:3] == ("FAIL", "REGISTER", "ACCOUNT_EXISTS")
        assert (await other.ask("REGISTER b_b * secret"))[0][:3] == ("FAIL", "REGISTER", "BAD_ACCOUNT_NAME")
        assert ("NOTICE", "bob", "Invalid name or password") in await other.ask("PRIVMSG NickServ :IDENTIFY ann wrong")


async def test_no_accounts_are_made_where_the_settings_say_so(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="off") as irc:
        ann = await irc.client("ann")
        assert (await ann.ask("REGISTER * * secret"))[0][:3] == ("FAIL", "REGISTER", "TEMPORARILY_UNAVAILABLE")


async def test_an_address_that_nobody_can_prove_is_not_kept(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="before-connect") as irc:
        client = await irc.connect()
        offered = " ".join(line[-1] for line in await client.ask("CAP LS 302")).split()
        assert "draft/account-registration=before-connect,custom-account-name" in offered
        client.send("NICK ann", "REGISTER * boss@example.org :correct horse")
        assert (await client.expect("REGISTER")).params[:2] == ("SUCCESS", "ann")
        bob = await irc.client("bob")
        await bob.ask("NS REGISTER correct-horse boss@example.org")
        async with irc.hub.store.read() as unit:
            known = {person.principal.name: person.email for person in await unit.people.all()}
        assert {name: known[name] for name in ("ann", "bob")} == {"ann": None, "bob": None}


async def test_who_does_not_register_in_time_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = hub.irc._config

    def hasty(*given: Any) -> IrcConfig:
        return replace(known(*given), registration_seconds=0.2)

    monkeypatch.setattr(hub.irc, "_config", hasty)
    async with running_irc_server(tmp_path) as irc:
        quick, slow = await irc.client("quick"), await irc.connect()
        slow.send("NICK slow")
        assert await why_ended(slow) == "You did not register within 0.2 seconds"
        assert await quick.sync() == []


async def test_a_token_that_is_revoked_while_its_client_negotiates_opens_nothing(irc: IrcHub) -> None:
    cases, actor = irc.hub.cases, irc.hub.actor
    await person(irc, "ann")
    token, secret = await cases.credentials.create_token(actor, "ann", "desk")
    client = await greeted(irc)
    assert await say(client, "PLAIN", plain("ann", secret)) == ["900", "903"]
    await cases.credentials.revoke(actor, token.id)
    client.send("CAP END")
    assert await why_ended(client) == "Access denied: What you logged in with is not valid any more"


async def test_a_session_is_another_account_after_another_login(irc: IrcHub) -> None:
    await person(irc, "ann")
    await person(irc, "bob")
    client, watcher = await irc.client("ann", password=f"ann:{PASSWORD}"), await irc.client("watcher")
    await client.join("#lounge")
    await watcher.join("#lounge")
    await client.sync()
    client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('bob', PASSWORD)}")
    lines = [
        (line.command, *line.params[-1:]) for line in await client.sync() if line.command in ("PART", "NICK", "JOIN")
    ]
    assert lines == [("PART", "Logged in as bob"), ("NICK", "bob"), ("JOIN", "#lounge")]
    assert [line[:2] for line in await watcher.seen()] == [("bob", "JOIN")]
    await client.ask("PRIVMSG #lounge :it is bob")
    assert await watcher.seen() == [("bob", "PRIVMSG", "#lounge", "it is bob")]


async def test_a_store_that_is_away_is_not_a_wrong_password(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    key = (await caller(irc, "robot")).key

    async def away(_secret: str) -> None:
        raise Unavailable("The hub cannot read anything now.")

    with monkeypatch.context() as patch:
        patch.setattr(irc.hub.cases.accounts, "by_token", away)
        client = await irc.connect()
        client.send(f"PASS :{key}", "NICK robot", "USER robot 0 * :robot")
        assert (await client.read()).params == ("The hub cannot read anything now.",)
    assert (await irc.client("robot", password=key)).nick == "robot"


async def hosts(client: Client) -> list[tuple[str | None, ...]]:
    """Return what a client is told of hosts since."""
    return [(line.source, *line.params) for line in await client.sync() if line.command == "CHGHOST"]


async def test_who_logs_in_later_is_told_under_which_host(irc: IrcHub) -> None:
    for name in ("ann", "bob"):
        await person(irc, name)
    ann, bob = await irc.client("guest1", "chghost"), await irc.client("guest2")
    host = (await ann.ask("USERHOST guest1"))[0][-1].partition("@")[2].strip()
    for client, name in ((ann, "ann"), (bob, "bob")):
        client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain(name, PASSWORD)}")
    assert await hosts(ann) == [(f"guest1!~guest1@{host}", "person", "ann.person")]
    assert await hosts(bob) == []
    assert (await ann.ask("WHOIS guest1"))[0][-1] == "guest1 of the tests"


async def test_a_nick_that_is_only_watched_changes_its_host(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="open") as irc:
        watching, near = [await irc.client(f"watcher{n}", "chghost", "extended-monitor") for n in range(2)]
        plain_, ann = await irc.client("plain", "extended-monitor"), await irc.client("ann", "chghost")
        for client in (near, ann):
            await client.join("#lounge")
        for client in (watching, near, plain_):
            await client.ask("MONITOR + ann")
        await ann.ask("REGISTER * * :correct horse")
        assert [line[1:] for line in await hosts(watching)] == [("person", "ann.person")]
        assert [await hosts(client) for client in (near, plain_)] == [[], []]
        await near.close()


async def test_who_makes_an_account_before_connecting_needs_the_servers_password_first(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="before-connect", password="sesame") as irc:
        stranger, guest = await irc.connect(), await irc.connect()
        stranger.send("CAP LS 302", "PASS wrong", "NICK bob", "USER bob 0 * :Bob", f"REGISTER * * {PASSWORD}")
        assert (await stranger.expect("FAIL")).params[:3] == ("REGISTER", "TEMPORARILY_UNAVAILABLE", "bob")
        assert irc.hub.cases.directory.principal_by_name("bob") is None
        guest.send("CAP LS 302", "PASS sesame", "NICK bob", "USER bob 0 * :Bob", f"REGISTER * * {PASSWORD}", "CAP END")
        assert (await guest.expect("REGISTER")).params[:2] == ("SUCCESS", "bob")
        assert (await guest.expect("001")).params[0] == "bob"


@pytest.mark.parametrize("nick", ["a" * 33, "0abc"])
async def test_accounts_choose_nicks_that_anybody_could_choose_or_their_own_name(irc: IrcHub, nick: str) -> None:
    name = "0-" + "x" * 40
    await person(irc, name)
    client = await irc.connect()
    client.send(f"PASS :{name}:{PASSWORD}", "CAP LS 302", f"NICK {nick}", "USER x 0 * :x", "CAP END")
    assert (await client.expect("432")).params[1] == nick
    client.send(f"NICK {name}")
    assert (await client.expect("001")).params[0] == name
    await client.sync()
    assert [line[:3] for line in await client.ask(f"NICK {nick}")] == [("432", name, nick)]
    assert await client.ask("NICK short") == [("NICK", "short")]
    assert await client.ask(f"NICK {name}") == [("NICK", name)]
