from airchat.protocol.principals import Kind, Role
from tests.bridges.irc.server import IrcHub
from tests.hub.api.site import Caller, Site


async def caller(irc: IrcHub, name: str, kind: Kind) -> Caller:
    """Introduce somebody who has a token."""
    return await Site(irc.hub, None).caller(name, Role.MEMBER, kind)  # type: ignore[arg-type]  # no HTTP here


async def test_agents_are_bots_and_members_without_a_session_are_away(irc: IrcHub) -> None:
    agent, zoe = await caller(irc, "helper", Kind.AGENT), await caller(irc, "zoe", Kind.PERSON)
    ann, bot = await irc.client("ann"), await irc.client("helper", password=agent.key)
    gone = await irc.client("zoe", password=zoe.key)
    for client in (ann, bot, gone):
        await client.join("#lounge")
    gone.send("QUIT")
    await gone.expect("ERROR")
    await ann.sync()
    assert await ann.ask("WHO #lounge %nfa") == [
        ("354", "ann", "ann", "H@", "0"),
        ("354", "ann", "helper", "HB", "helper"),
        ("354", "ann", "zoe", "G", "zoe"),
        ("315", "ann", "#lounge", "End of WHO list"),
    ]
    await bot.sync()
    assert await bot.ask("MODE helper -B") == []
    assert await bot.ask("MODE helper") == [("221", "helper", "+B")]


async def test_members_of_a_secret_channel_show_to_members_alone(irc: IrcHub) -> None:
    ann, eve = await irc.client("ann"), await irc.client("eve")
    await ann.join("#cellar")
    await ann.ask("MODE #cellar +s")
    assert await eve.ask("WHO #cellar") == [("315", "eve", "#cellar", "End of WHO list")]
    assert "319" not in [line[0] for line in await eve.ask("WHOIS ann")]
    await eve.join("#cellar")
    assert ("319", "eve", "ann", "@#cellar") in await eve.ask("WHOIS ann")


async def test_a_token_of_whox_that_is_none_is_zero(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    assert (await ann.ask("WHO ann %tn,12345"))[0] == ("354", "ann", "0", "ann")
    assert (await ann.ask("WHO ann %tn"))[0] == ("354", "ann", "0", "ann")
    assert await ann.ask("WHO ann o%n") == [("315", "ann", "ann", "End of WHO list")]


async def test_where_somebody_connects_from_shows_to_themselves_and_operators(irc: IrcHub) -> None:
    ann, eve = await irc.client("ann"), await irc.client("eve")
    assert ("378", "ann", "ann", "is connecting from 127.0.0.1") in await ann.ask("WHOIS ann")
    assert {"378", "379"}.isdisjoint(line[0] for line in await eve.ask("WHOIS ann"))


async def test_whowas_tells_the_last_one_first(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    for nick in ("one", "two"):
        ann.send(f"NICK {nick}")
        await ann.expect("NICK")
    ann.nick = "two"
    assert [line[:3] for line in await ann.ask("WHOWAS one")] == [
        ("314", "two", "one"),
        ("312", "two", "one"),
        ("369", "two", "one"),
    ]
    assert [line[0] for line in await ann.ask("WHOWAS nobody")] == ["406", "369"]


async def test_flags_say_what_a_mask_has_to_fit(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await irc.client("bob")
    for flags, nicks in (("", ["ann", "bob"]), ("n", []), ("r", ["ann", "bob"]), ("nr", ["ann", "bob"]), ("uh", [])):
        rows = await ann.ask(f"WHO *tests* {flags}%n")
        assert sorted(row[2] for row in rows if row[0] == "354") == nicks
