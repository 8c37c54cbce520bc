from airchat.protocol.channels import ModeChange
from airchat.protocol.principals import Kind
from tests.bridges.irc.server import IrcHub


async def test_who_finds_a_guests_channel_empty_operates_it_and_its_key_still_holds(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#lounge")
    assert await ann.ask("MODE #lounge +k sesame") == [("MODE", "#lounge", "+k", "*")]
    ann.send("QUIT")
    bob = await irc.client("bob")
    assert [line[0] for line in await bob.ask("JOIN #lounge")] == ["475"]
    assert ("353", "bob", "=", "#lounge", "@bob") in await bob.ask("JOIN #lounge sesame")
    assert await bob.ask("LIST") == [
        ("321", "bob", "Channel", "Users  Name"),
        ("322", "bob", "#lounge", "1", ""),
        ("323", "bob", "End of /LIST"),
    ]
    bob.send("PART #lounge")
    assert [line[0] for line in await (await irc.client("eve")).ask("LIST")] == ["321", "323"]


async def test_who_writes_to_an_open_channel_from_outside_comes_in_after_the_words(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#open")
    await ann.ask("MODE #open -n")
    bob.send("PRIVMSG #open :hello")
    heard = await bob.sync()
    assert [line.command for line in heard] == ["JOIN", "353", "366"]
    assert await ann.seen() == [("bob", "PRIVMSG", "#open", "hello"), ("bob", "JOIN", "#open")]


async def test_a_channel_of_the_hub_is_joined_and_described_like_any_other(irc: IrcHub) -> None:
    cases, actor = irc.hub.cases, irc.hub.actor
    channel = await cases.channels.open(actor, "general")
    await cases.moderation.change(actor, channel, [ModeChange(True, "topic_locked")])
    ann = await irc.client("ann")
    ann.send("JOIN #General")
    await ann.expect("JOIN", 0, "#general")
    await ann.sync()
    assert [line[0] for line in await ann.ask("TOPIC #general :mine")] == ["482"]
    await cases.moderation.change(actor, channel, [ModeChange(False, "topic_locked")])
    assert await ann.seen() == [("airchat.hub", "MODE", "#general", "-t")]
    ann.send("TOPIC #general :\x02bold\x02 \x0304,12red\x03\x07")
    assert await ann.seen() == [("ann", "TOPIC", "#general", "bold red")]
    known = cases.directory.channel_by_name("general")
    assert known is not None
    assert (known.topic, known.topic_by) == ("bold red", "ann")


async def test_names_of_several_channels_end_once(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob", "multi-prefix")
    await ann.join("#one", "#two")
    await bob.join("#one")
    ann.send("MODE #one +vo bob bob")
    await bob.expect("MODE")
    assert await bob.ask("NAMES #one,#two,#nowhere") == [
        ("353", "bob", "=", "#one", "@ann @+bob"),
        ("353", "bob", "=", "#two", "@ann"),
        ("366", "bob", "#one,#two,#nowhere", "End of /NAMES list"),
    ]


async def test_channels_are_left_one_by_one_and_all_at_once(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#one", "#two", "#three")
    await bob.join("#one", "#two", "#three")
    await ann.sync()
    ann.send("PART #one,#nowhere :bye")
    assert [(line.command, line.params[-2]) for line in await ann.sync()] == [("PART", "#one"), ("403", "#nowhere")]
    ann.send("JOIN 0")
    await ann.sync()
    assert await bob.seen() == [
        ("ann", "PART", "#one", "bye"),
        ("ann", "PART", "#two"),
        ("ann", "PART", "#three"),
    ]
    ghosts = [one for one in irc.hub.cases.directory.principals() if one.kind is Kind.GHOST]
    channels = [one for one in irc.hub.cases.directory.channels() if not one.direct]
    inside = {one.display_name for one in ghosts for channel in channels if _is_member(irc, one.id, channel.id)}
    assert inside == {"bob"}


def _is_member(irc: IrcHub, principal_id: str, channel_id: str) -> bool:
    return irc.hub.cases.directory.is_member(principal_id, channel_id)


async def test_who_is_in_a_channel_that_keeps_others_out_is_for_its_members(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    assert [line[0] for line in await bob.ask("NAMES #place")] == ["353", "366"]
    await ann.ask("MODE #place +k sesame")
    assert [line[0] for line in await bob.ask("NAMES #place")] == ["366"]
    assert [line[0] for line in await bob.ask("WHO #place")] == ["315"]
    assert "319" not in [line[0] for line in await bob.ask("WHOIS ann")]
    await bob.ask("JOIN #place sesame")
    assert ("353", "bob", "=", "#place", "@ann bob") in await bob.ask("NAMES #place")
    assert ("319", "bob", "ann", "@#place") in await bob.ask("WHOIS ann")


async def test_a_refusal_names_the_channel_as_it_is_called_here(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#Büro")
    assert await bob.ask("PRIVMSG #Büro :hello") == [("404", "bob", "#Büro", "Only members may write to #Büro (+n)")]
    await ann.ask("MODE #Büro +i")
    assert await bob.ask("JOIN #Büro") == [("473", "bob", "#Büro", "#Büro is for those who are invited")]
