from airchat.protocol.principals import Kind, Role
from tests.bridges.irc.server import Client, IrcHub
from tests.hub.api.site import Caller, Site


async def person(irc: IrcHub, name: str) -> Caller:
    """Introduce somebody who has a token."""
    return await Site(irc.hub, None).caller(name, Role.MEMBER, Kind.PERSON)  # type: ignore[arg-type]  # no HTTP here


async def early(irc: IrcHub, nick: str, secret: str, away: str) -> Client:
    """Register with AWAY said before."""
    client = await irc.connect()
    client.nick = nick
    client.send(f"PASS :{secret}", "CAP REQ :draft/pre-away", f"AWAY {away}", f"NICK {nick}", f"USER {nick} 0 * :x")
    assert (await client.expect("306")).params[0] == "*"
    client.send("CAP END")
    await client.expect("001")
    await client.sync()
    return client


async def test_a_person_is_away_when_all_their_sessions_are(irc: IrcHub) -> None:
    ann = await person(irc, "ann")
    watcher = await irc.client("eve", "away-notify")
    phone = await irc.client("ann", password=ann.key)
    await phone.join("#lounge")
    await watcher.join("#lounge")
    desk = await irc.client("ann", password=ann.key)
    await phone.sync()
    assert [line[0] for line in await phone.ask("AWAY :on the train")] == ["306"]
    assert await watcher.seen() == []
    await desk.ask("AWAY :at lunch")
    assert await watcher.seen() == [("ann", "AWAY", "at lunch")]
    assert ("301", "eve", "ann", "at lunch") in await watcher.ask("WHOIS ann")
    await phone.ask("AWAY :")
    assert await watcher.seen() == [("ann", "AWAY")]
    await phone.close()
    assert (await watcher.expect("AWAY")).params == ("at lunch",)
    desk.send("QUIT")
    assert (await watcher.expect("AWAY")).params == ("offline",)


async def test_a_connection_that_only_fetches_does_not_show_somebody_as_here(irc: IrcHub) -> None:
    ann = await person(irc, "ann")
    watcher = await irc.client("eve", "away-notify")
    first = await irc.client("ann", password=ann.key)
    await first.join("#lounge")
    await watcher.join("#lounge")
    first.send("QUIT")
    assert (await watcher.expect("AWAY")).params == ("offline",)
    fetcher = await early(irc, "ann", ann.key, "*")
    assert await watcher.seen() == []
    await fetcher.ask("AWAY")
    assert await watcher.seen() == [("ann", "AWAY")]


async def test_away_before_registration_needs_its_capability(irc: IrcHub) -> None:
    client = await irc.connect()
    client.send("CAP LS 302", "AWAY :early", "NICK ann", "USER ann 0 * :Ann")
    assert (await client.expect("451")).params[0] == "*"
    client.send("CAP END")
    await client.expect("001")
    await client.sync()
    assert await client.ask("USERHOST ann") == [("302", "ann", f"ann=+{await own_host(client)}")]


async def own_host(client: Client) -> str:
    line = next(line for line in await client.ask("WHOIS ann") if line[0] == "311")
    return f"{line[3]}@{line[4]}"


async def test_ison_names_who_is_connected(irc: IrcHub) -> None:
    await person(irc, "zoe")
    ann, _ = await irc.client("ann"), await irc.client("Bob")
    assert await ann.ask("ISON bob zoe nobody :ANN") == [("303", "ann", "Bob ann")]


async def test_a_real_name_is_changed_for_those_who_can_see_it(irc: IrcHub) -> None:
    ann, bob, old = await irc.client("ann", "setname"), await irc.client("bob", "setname"), await irc.client("old")
    for client in (ann, bob, old):
        await client.join("#lounge")
    await ann.sync()
    await bob.sync()
    assert await ann.ask("SETNAME :Ann of the hill") == [("SETNAME", "Ann of the hill")]
    assert await bob.seen() == [("ann", "SETNAME", "Ann of the hill")]
    assert await ann.ask(f"SETNAME :{'é' * 65}") == [
        ("FAIL", "SETNAME", "INVALID_REALNAME", "A real name has 1 to 128 bytes")
    ]
    seen = await old.ask("WHO ann %nr")
    assert ("354", "old", "ann", "Ann of the hill") in seen
    assert "SETNAME" not in [line[0] for line in seen]
