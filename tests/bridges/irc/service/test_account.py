from airchat.protocol.principals import Kind
from bridges.irc.presence.mutes import LIMIT
from tests.bridges.irc.server import Client, IrcHub
from tests.bridges.irc.service.asking import ask, caller


async def heard(client: Client) -> list[tuple[str, ...]]:
    """Return the commands and last parameters of what came, but for pings."""
    return [(line.command, line.params[-1]) for line in await client.sync() if line.command != "PING"]


async def test_whoami(irc: IrcHub) -> None:
    carol = await caller(irc, "carol", Kind.PERSON)
    ann, client = await irc.client("ann"), await irc.client("carol", password=carol.key)
    await client.join("#ops")
    assert await ask(ann, "whoami") == [
        "You are ann, a guest with the rights of a member; you are gone when you disconnect",
        "This connection is in the clear, without a device's name; you have 1 connection",
        "You are in 0 channels and have muted nothing",
    ]
    first, *_, last = await ask(client, "whoami")
    assert first == "You are carol: the account carol, a person with the role member"
    assert last == "You are in 1 channel and have muted nothing"


async def test_muted_channels_and_people_are_not_heard(irc: IrcHub) -> None:
    ann, bob, eve = [await irc.client(nick) for nick in ("ann", "bob", "eve")]
    for client in (ann, bob, eve):
        await client.join("#one", "#two")
    await ann.sync()
    assert await ask(ann, "mute #one") == ["Messages of #one are not shown to you any more; undo it with: unmute #one"]
    assert await ask(ann, "mute #ONE") == ["#ONE was muted already"]
    await ask(ann, "mute eve")
    assert await ask(ann, "mute") == ["You have muted #one, eve (2 of at most 25)"]
    await bob.ask("PRIVMSG #one :not for ann")
    await eve.ask("PRIVMSG #two :nor this")
    await eve.ask("PRIVMSG ann :nor that")
    await bob.ask("NOTICE @#one :nor for who operates it")
    await bob.ask("PRIVMSG #two :this is")
    await eve.ask("PART #one :bye")
    assert await heard(ann) == [("PRIVMSG", "this is"), ("PART", "bye")]

    await ask(ann, "unmute #one")
    await ask(ann, "unmute eve")
    assert await ask(ann, "unmute eve") == ["eve was not muted"]
    await bob.ask("PRIVMSG #one :again")
    await eve.ask("PRIVMSG ann :and me")
    assert await heard(ann) == [("PRIVMSG", "again"), ("PRIVMSG", "and me")]


async def test_a_mute_is_kept_with_the_account_and_told_to_nobody(irc: IrcHub) -> None:
    carol = await caller(irc, "carol", Kind.PERSON)
    bob = await irc.client("bob", "draft/metadata-3")
    await bob.join("#one")
    first = await irc.client("carol", password=carol.key)
    await first.join("#one")
    await bob.ask("METADATA * SUB private/irc-muted")
    await ask(first, "mute bob")
    assert "private/irc-muted" not in str(await bob.sync()) + str(await bob.ask("METADATA carol LIST"))
    await first.close()
    await bob.ask("PRIVMSG #one :while away")

    second = await irc.client("carol", password=carol.key)
    await bob.ask("PRIVMSG #one :not heard")
    assert ("PRIVMSG", "while away") not in (told := await heard(second))
    assert ("PRIVMSG", "not heard") not in told
    assert await ask(second, "mute") == ["You have muted bob (1 of at most 25)"]
    assert [row.rpartition("<bob> ")[2] for row in await ask(second, "read #one")] == ["while away", "not heard"]


async def test_mutes_are_limited_in_number(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    names = [f"#room-{number}" for number in range(LIMIT + 1)]
    await ann.join(*names)
    for name in names[:-1]:
        assert (await ask(ann, f"mute {name}"))[0].startswith("Messages of ")
    refused = f"At most {LIMIT} channels and people can be muted; unmute one first"
    assert await ask(ann, f"mute {names[-1]}") == [refused]
    await ask(ann, f"unmute {names[0]}")
    assert (await ask(ann, f"mute {names[-1]}"))[0].startswith("Messages of ")
    assert (await ask(ann, "mute"))[0].endswith(f" and {LIMIT - 10} more ({LIMIT} of at most {LIMIT})")
