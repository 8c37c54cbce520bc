from tests.bridges.irc.server import IrcHub

RENAME = "draft/channel-rename"


async def test_a_renamed_channel_keeps_members_and_history(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", RENAME), await irc.client("bob")
    await ann.join("#old")
    await bob.join("#old")
    await ann.ask("PRIVMSG #old :before")
    await bob.sync()
    assert await ann.ask("RENAME #old #New_Name :better") == [("RENAME", "#old", "#New_Name", "better")]
    assert await bob.seen() == [
        ("bob", "PART", "#old", "better"),
        ("bob", "JOIN", "#New_Name"),
        ("airchat.hub", "353", "bob", "=", "#New_Name", "@ann bob"),
        ("airchat.hub", "366", "bob", "#New_Name", "End of /NAMES list"),
    ]
    bob.send("PRIVMSG #new_name :after")
    assert await bob.sync() == []
    assert await ann.seen() == [("bob", "PRIVMSG", "#New_Name", "after")]
    channel = next(one for one in irc.hub.cases.directory.channels() if one.metadata.get("irc_name") == "#New_Name")
    page = await irc.hub.cases.history.page(irc.hub.actor, channel, 10)
    assert [entry.message.content for entry in page if hasattr(entry, "message")] == ["before", "after"]
    assert ("353", "bob", "=", "#old", "@bob") in await bob.ask("JOIN #old")


async def test_another_spelling_shows_to_those_alone_who_know_of_renaming(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", RENAME), await irc.client("bob")
    await ann.join("#place")
    await bob.join("#place")
    await ann.sync()
    assert await ann.ask("RENAME #place #Place") == [("RENAME", "#place", "#Place", "")]
    assert await bob.seen() == []


async def test_renaming_is_refused_with_its_reason(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#place", "#taken")
    assert [line[0] for line in await bob.ask("RENAME #place #mine")] == ["442"]
    await bob.join("#place")
    await ann.sync()
    assert [line[0] for line in await bob.ask("RENAME #place #mine")] == ["482"]
    assert [line[:5] for line in await ann.ask("RENAME #place #taken")] == [
        ("FAIL", "RENAME", "CHANNEL_NAME_IN_USE", "#place", "#taken")
    ]
    assert [line[:5] for line in await ann.ask("RENAME #place nothing")] == [
        ("FAIL", "RENAME", "CANNOT_RENAME", "#place", "nothing")
    ]
    assert [line[0] for line in await ann.ask("RENAME #nowhere #there")] == ["403"]
