import pytest

from airchat.protocol.channels import LIST_LENGTH, ModeChange
from airchat.protocol.events import EventKind
from tests.bridges.irc.server import IrcHub


async def test_one_command_is_one_change_and_one_line_for_everybody(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    await bob.join("#place")
    await ann.sync()
    assert await ann.ask("MODE #place +smvb-t+lo bob evil 5 bob") == [
        ("MODE", "#place", "+smvb-t+lo", "bob", "evil!*@*", "5", "bob")
    ]
    assert await bob.seen() == [("ann", "MODE", "#place", "+smvb-t+lo", "bob", "evil!*@*", "5", "bob")]
    assert await ann.ask("MODE #place +sm") == []
    assert (await ann.ask("MODE #place"))[0] == ("324", "ann", "#place", "+mnsl", "5")
    async with irc.hub.store.read() as unit:
        events = await unit.events.after(0, 1_000)
    assert [one.kind for one in events].count(EventKind.CHANNEL_MODES_CHANGED) == 1


async def test_the_key_is_shown_to_members_alone_and_never_told(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    assert await ann.ask("MODE #place +kl sesame 9") == [("MODE", "#place", "+kl", "*", "9")]
    assert (await ann.ask("MODE #place"))[0] == ("324", "ann", "#place", "+ntkl", "sesame", "9")
    assert (await bob.ask("MODE #place"))[0] == ("324", "bob", "#place", "+ntkl", "*", "9")
    assert await ann.ask("MODE #place +k :a,b") == [
        ("696", "ann", "#place", "k", "*", "A key has no comma and no colon")
    ]
    assert await ann.ask("MODE #place -k anything") == [("MODE", "#place", "-k", "*")]
    async with irc.hub.store.read() as unit:
        events = await unit.events.after(0, 1_000)
    assert not any("sesame" in one.data for one in events)


async def test_history_tells_of_modes_to_who_plays_events_back(irc: IrcHub) -> None:
    ann = await irc.client("ann", "batch", "draft/chathistory", "draft/event-playback")
    bob = await irc.client("bob", "batch", "draft/chathistory")
    await ann.join("#place")
    await bob.join("#place")
    await ann.ask("MODE #place +mvk bob sesame")
    await bob.sync()
    told = await ann.ask("CHATHISTORY LATEST #place * 10")
    assert [line for line in told if line[0] == "MODE"] == [("MODE", "#place", "+mvk", "bob", "*")]
    assert [line[0] for line in await bob.ask("CHATHISTORY LATEST #place * 10")] == ["BATCH", "BATCH"]


async def test_masks_mean_the_user_and_host_that_clients_see(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    await ann.sync()
    bob.send("JOIN #place")
    host = str((await bob.expect("JOIN")).source).partition("@")[2]
    await bob.sync()
    await ann.sync()
    assert await ann.ask(f"MODE #place +b m:*!*@{host}") == [("MODE", "#place", "+b", f"m:*!*@{host}")]
    assert (await bob.seen())[-1] == ("ann", "MODE", "#place", "+b", f"m:*!*@{host}")
    assert [line[:3] for line in await bob.ask("PRIVMSG #place :hello")] == [("404", "bob", "#place")]
    assert [line[:3] for line in await bob.ask("PRIVMSG #place :\x01PING 1\x01")] == [("404", "bob", "#place")]
    assert await bob.ask("NOTICE #place :hello") == []
    assert await ann.seen() == []
    assert await ann.ask("MODE #place +e *!~bob@*") == [("MODE", "#place", "+e", "*!~bob@*")]
    bob.send("PRIVMSG #place :hello")
    await bob.sync()
    assert await ann.seen() == [("bob", "PRIVMSG", "#place", "hello")]
    [listed, end] = await bob.ask("MODE #place +b")
    assert listed[:5] == ("367", "bob", "#place", f"m:*!*@{host}", "ann")
    assert end[0] == "368"


async def test_what_cannot_be_is_said_and_the_rest_is_done(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    assert await ann.ask("MODE #place +XmoovX nobody bob") == [
        ("472", "ann", "X", "is unknown mode char to me"),
        ("696", "ann", "#place", "v", "*", "You must say a value"),
        ("401", "ann", "nobody", "No such nick"),
        ("441", "ann", "bob", "#place", "They aren't on that channel"),
        ("MODE", "#place", "+m"),
    ]
    assert [line[:3] for line in await bob.ask("MODE #place -m")] == [("442", "bob", "#place")]
    await bob.join("#place")
    assert [line[:3] for line in await bob.ask("MODE #place -m")] == [("482", "bob", "#place")]


async def test_a_full_list_takes_no_more(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#place")
    cases = irc.hub.cases
    channel = cases.directory.channel_by_name("place")
    assert channel is not None
    bans = [ModeChange(True, "ban", f"nick{number}!*@*") for number in range(LIST_LENGTH)]
    await cases.moderation.change(irc.hub.actor, channel, bans)
    told = await ann.sync()
    assert all(len(line.params[1]) > 1 for line in told)
    assert [word for line in told for word in line.params[2:]] == [change.value for change in bans]
    assert [line[0] for line in await ann.ask("MODE #place +b one!too@many")] == ["478"]


async def test_a_long_change_is_told_in_lines_that_fit(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#place")
    masks = [f"{letter * 90}!*@*" for letter in "abcdef"]
    told = await ann.ask(f"MODE #place +{'b' * 5} {' '.join(masks[:5])}")
    assert [line[2] for line in told] == ["+bbbb", "+b"]
    assert [mask for line in told for mask in line[3:]] == masks[:5]


@pytest.mark.parametrize("mode", ["+U", "+m"])
async def test_what_members_without_a_voice_say_is_kept_from_the_rest(irc: IrcHub, mode: str) -> None:
    ann, bob, eve = [await irc.client(nick) for nick in ("ann", "bob", "eve")]
    for client in (ann, bob, eve):
        await client.join("#place")
    await ann.ask(f"MODE #place {mode}")
    await bob.sync()
    await eve.sync()
    refused = [line[0] for line in await bob.ask("PRIVMSG #place :psst")]
    heard = [("bob", "PRIVMSG", "#place", "psst")] if mode == "+U" else []
    assert (refused, await ann.seen(), await eve.seen()) == ([] if heard else ["404"], heard, [])
    channel = irc.hub.cases.directory.channel_by_name("place")
    assert channel is not None
    assert await irc.hub.cases.history.page(irc.hub.actor, channel, 10) == []


async def test_an_auditorium_hides_members_without_a_role_from_each_other(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    await ann.join("#place")
    await ann.ask("MODE #place +u")
    bob, eve = await irc.client("bob"), await irc.client("eve")
    await bob.join("#place")
    assert ("353", "eve", "=", "#place", "@ann eve") in await eve.ask("JOIN #place")
    assert await bob.seen() == []
    assert [line[:3] for line in await ann.seen()] == [("bob", "JOIN", "#place"), ("eve", "JOIN", "#place")]
    assert ("353", "ann", "=", "#place", "@ann bob eve") in await ann.ask("NAMES #place")
    eve.send("NICK mallory", "QUIT :gone")
    await eve.expect("ERROR")
    assert await bob.seen() == []
    assert await ann.seen() == [("eve", "NICK", "mallory"), ("mallory", "QUIT", "Quit: gone")]
