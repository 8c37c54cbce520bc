from tests.bridges.irc.server import IrcHub


async def test_more_nicks_than_may_be_watched_are_named_and_not_watched(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    nicks = [f"nobody{number}" for number in range(103)]
    for start in range(0, 103, 30):
        ann.send(f"MONITOR + {','.join(nicks[start : start + 30])}")
    told = await ann.sync()
    gone = [nick for line in told if line.command == "731" for nick in line.params[1].split(",")]
    assert gone == nicks[:100]
    assert [line.params[1:3] for line in told if line.command == "734"] == [("100", "nobody100,nobody101,nobody102")]
    listed = await ann.ask("MONITOR L")
    assert sorted(nick for line in listed if line[0] == "732" for nick in line[2].split(",")) == sorted(nicks[:100])
    assert max(len(",".join(line)) for line in listed) < 480
    await ann.ask("MONITOR - nobody0,NOBODY1")
    assert await ann.ask("MONITOR + one,two,three") == [
        ("731", "ann", "one,two"),
        ("734", "ann", "100", "three", "Monitor list is full"),
    ]
    await ann.ask("MONITOR C")
    assert await ann.ask("MONITOR L") == [("733", "ann", "End of MONITOR list")]


async def test_coming_and_going_is_told_outside_of_labelled_responses(irc: IrcHub) -> None:
    ann = await irc.client("ann", "labeled-response", "batch")
    await ann.ask("MONITOR + Bob")
    bob = await irc.client("bob")
    mask = f"bob!~bob@{next(line[4] for line in await bob.ask('WHOIS bob') if line[0] == '311')}"
    assert await ann.seen() == [("airchat.hub", "730", "ann", mask)]
    assert await ann.ask("MONITOR S") == [("730", "ann", mask)]
    bob.send("NICK BOB")
    await bob.sync()
    assert await ann.seen() == []
    bob.send("QUIT")
    assert (await ann.expect("731")).params == ("ann", "BOB")


async def test_monitor_without_nicks_is_incomplete(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    assert [line[0] for line in await ann.ask("MONITOR +")] == ["461"]
    assert await ann.ask("MONITOR + *!*@*") == [("731", "ann", "*!*@*")]
    assert await ann.ask("MONITOR L") == [("733", "ann", "End of MONITOR list")]
