from tests.bridges.irc.server import IrcHub


async def test_several_are_kicked_each_in_a_line_of_its_own(irc: IrcHub) -> None:
    ann, bob, eve = [await irc.client(nick) for nick in ("ann", "bob", "eve")]
    for client in (ann, bob, eve):
        await client.join("#place")
    await ann.sync()
    await bob.sync()
    told = await ann.ask("KICK #place eve,nobody,bob :go away")
    assert [line for line in told if line[0] != "KICK"] == [("401", "ann", "nobody", "No such nick")]
    assert await bob.seen() == [
        ("ann", "KICK", "#place", "eve", "go away"),
        ("ann", "KICK", "#place", "bob", "go away"),
    ]
    assert await bob.ask("PRIVMSG #place :still here?") != []
    assert ("353", "ann", "=", "#place", "@ann") in await ann.ask("NAMES #place")


async def test_members_without_a_role_kick_nobody(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    assert [line[:3] for line in await bob.ask("KICK #place ann")] == [("442", "bob", "#place")]
    await bob.join("#place")
    await ann.sync()
    assert [line[:3] for line in await bob.ask("KICK #place ann")] == [("482", "bob", "#place")]
    assert [line[:4] for line in await ann.ask("KICK #place carol,bob")] == [
        ("401", "ann", "carol", "No such nick"),
        ("KICK", "#place", "bob", "ann"),
    ]
