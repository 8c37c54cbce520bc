from pathlib import Path

from airchat.protocol.principals import Role
from tests.bridges.irc.server import IrcHub, running_irc_server

PASSWORD = "correct horse battery"


async def test_an_operators_invitation_opens_the_channel_once(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place")
    await ann.ask("MODE #place +ikb sesame bob!*@*")
    assert await ann.ask("INVITE bob #place") == [("341", "ann", "bob", "#place")]
    assert await bob.seen() == [("ann", "INVITE", "bob", "#place")]
    assert await bob.ask("INVITE") == [("336", "bob", "#place"), ("337", "bob", "End of /INVITE list")]
    await bob.join("#place")
    assert await bob.ask("INVITE") == [("337", "bob", "End of /INVITE list")]
    await bob.ask("PART #place")
    assert [line[0] for line in await bob.ask("JOIN #place")] == ["474"]


async def test_a_members_invitation_only_tells(irc: IrcHub) -> None:
    ann, bob, eve = [await irc.client(nick) for nick in ("ann", "bob", "eve")]
    await ann.join("#place")
    await bob.join("#place")
    await ann.ask("MODE #place +b eve!*@*")
    await bob.sync()
    assert await bob.ask("INVITE eve #place") == [("341", "bob", "eve", "#place")]
    assert await eve.seen() == [("bob", "INVITE", "eve", "#place")]
    assert [line[0] for line in await eve.ask("JOIN #place")] == ["474"]
    await ann.ask("MODE #place +i")
    await bob.sync()
    assert [line[0] for line in await bob.ask("INVITE eve #place")] == ["482"]
    assert await eve.seen() == []


async def test_members_who_asked_hear_of_invitations(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", "invite-notify"), await irc.client("bob", "invite-notify")
    carol, eve = await irc.client("carol"), await irc.client("eve", "invite-notify")
    for client in (ann, bob, carol):
        await client.join("#place")
    for client in (ann, bob, carol):
        await client.sync()
    assert await ann.ask("INVITE eve #place") == [("341", "ann", "eve", "#place")]
    assert await bob.seen() == [("ann", "INVITE", "eve", "#place")]
    assert await carol.seen() == []
    assert await eve.seen() == [("ann", "INVITE", "eve", "#place")]
    assert [line[0] for line in await ann.ask("INVITE bob #place")] == ["443"]
    assert [line[0] for line in await eve.ask("INVITE bob #place")] == ["442"]


async def test_guests_who_see_no_channel_come_where_they_are_invited(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, guests="guest") as irc:
        cases, actor = irc.hub.cases, irc.hub.actor
        await cases.people.create(actor, "pat", password=PASSWORD)
        pat = await irc.client("pat", password=f"pat:{PASSWORD}")
        eve = await irc.client("eve")
        await pat.join("#place")
        for name in ("#place", "#nowhere"):
            told = "Guests come into channels that an operator invites them to"
            assert await eve.ask(f"JOIN {name}") == [("403", "eve", name, told)]
        await pat.ask("INVITE eve #place")
        await eve.join("#place")
        eve.send("PRIVMSG #place :thank you")
        await eve.sync()
        assert (await pat.seen())[-1] == ("eve", "PRIVMSG", "#place", "thank you")


async def test_who_rules_the_hub_lets_guests_in_where_they_have_no_role_and_members_do_not(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, guests="guest") as irc:
        cases, actor = irc.hub.cases, irc.hub.actor
        await cases.channels.open(actor, "general")
        for name, role in (("pat", Role.MEMBER), ("amy", Role.ADMIN)):
            await cases.people.create(actor, name, password=PASSWORD, role=role)
        pat, amy = [await irc.client(name, password=f"{name}:{PASSWORD}") for name in ("pat", "amy")]
        eve = await irc.client("eve")
        await pat.join("#general")
        await amy.join("#general")
        await pat.sync()
        assert [line[0] for line in await pat.ask("INVITE eve #general")] == ["482"]
        assert await eve.seen() == []
        assert [line[0] for line in await amy.ask("INVITE eve #general")] == ["341"]
        await eve.join("#general")
