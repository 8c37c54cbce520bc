from airchat.protocol.principals import Kind, Role
from tests.bridges.irc.server import IrcHub
from tests.hub.api.site import Site

NEW, OLD = "draft/metadata-3", "draft/metadata-2"


async def test_clients_are_told_in_the_form_that_they_know(irc: IrcHub) -> None:
    ann, new, old = await irc.client("ann", NEW), await irc.client("new", NEW), await irc.client("old", OLD)
    for client in (ann, new, old):
        await client.join("#lounge")
    await new.sync()
    assert await new.ask("METADATA * SUB color Color") == [
        ("FAIL", "METADATA", "KEY_INVALID", "Color", "A key has 1-64 lower-case letters, digits and _ . / -"),
        ("770", "new", "color"),
    ]
    await old.ask("METADATA * SUB color")
    await ann.sync()
    assert await ann.ask("METADATA * SET color :dark red") == [("761", "ann", "ann", "color", "*", "dark red")]
    await ann.ask("METADATA * SET avatar :nobody asked")
    assert await ann.ask("METADATA * SET color") == [("766", "ann", "ann", "color", "key not set")]
    assert await ann.ask("METADATA * SET color") == [("FAIL", "METADATA", "KEY_NOT_SET", "ann", "color", "key not set")]
    assert await new.seen() == [
        ("airchat.hub", "761", "new", "ann", "color", "*", "dark red"),
        ("airchat.hub", "766", "new", "ann", "color", "key not set"),
    ]
    assert await old.seen() == [
        ("airchat.hub", "METADATA", "ann", "color", "*", "dark red"),
        ("airchat.hub", "METADATA", "ann", "color", "*", ""),
    ]


async def test_the_hub_and_other_sessions_see_what_was_set_and_it_is_there_again(irc: IrcHub) -> None:
    ann = await Site(irc.hub, None).caller("ann", Role.MEMBER, Kind.PERSON)  # type: ignore[arg-type]  # no HTTP here
    first = await irc.client("ann", NEW, password=ann.key)
    second = await irc.client("ann", NEW, password=ann.key)
    await second.ask("METADATA * SUB url")
    await first.ask("METADATA * SET url :https://ann.example")
    assert await second.seen() == [("airchat.hub", "761", "ann", "ann", "url", "*", "https://ann.example")]
    me = irc.hub.cases.directory.principal_by_name("ann")
    assert me is not None
    assert await irc.hub.cases.metadata.get(me, me) == {"url": "https://ann.example"}
    third = await irc.connect()
    third.send(f"PASS :{ann.key}", f"CAP REQ {NEW}", "NICK ann", "USER ann 0 * :Ann", "CAP END")
    assert (await third.expect("761")).params == ("ann", "ann", "url", "*", "https://ann.example")
    await irc.hub.cases.metadata.set(me, me, "url", "https://elsewhere.example")
    assert (await second.seen())[-1][-1] == "https://elsewhere.example"


async def test_whoever_comes_in_is_introduced_to_those_who_follow(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", NEW), await irc.client("bob", NEW)
    await ann.join("#lounge")
    await ann.ask("METADATA * SUB status color")
    await ann.ask("METADATA * SET status :here")
    await bob.ask("METADATA * SET status :new")
    await bob.ask("METADATA * SUB status")
    bob.send("JOIN #lounge")
    told = [line for line in await bob.seen() if line[1] == "761"]
    assert told == [
        ("airchat.hub", "761", "bob", "ann", "status", "*", "here"),
        ("airchat.hub", "761", "bob", "bob", "status", "*", "new"),
    ]
    assert await ann.seen() == [
        ("bob", "JOIN", "#lounge"),
        ("airchat.hub", "761", "ann", "bob", "status", "*", "new"),
    ]
    assert await bob.ask("METADATA #lounge SYNC") == [line[1:] for line in told]


async def test_what_is_followed_has_a_limit_and_can_be_listed_and_ended(irc: IrcHub) -> None:
    ann = await irc.client("ann", NEW)
    for start in range(0, 60, 20):
        ann.send(f"METADATA * SUB {' '.join(f'k{number}' for number in range(start, start + 20))}")
    refused = [line.params for line in await ann.sync() if line.command == "FAIL"]
    assert refused == [("METADATA", "TOO_MANY_SUBS", "k50", "At most 50 keys can be followed")]
    ann.send(f"METADATA * UNSUB {' '.join(f'k{number}' for number in range(1, 50))}")
    await ann.sync()
    assert await ann.ask("METADATA * SUBS") == [("772", "ann", "k0")]


async def test_channels_show_theirs_to_members_alone(irc: IrcHub) -> None:
    ann, eve = await irc.client("ann", NEW), await irc.client("eve", NEW)
    await ann.join("#lounge")
    await ann.ask("METADATA #lounge SET topic.url :https://example.org")
    for words in ("GET topic.url", "LIST", "SYNC"):
        assert [line[:4] for line in await eve.ask(f"METADATA #lounge {words}")] == [
            ("FAIL", "METADATA", "KEY_NO_PERMISSION", "#lounge")
        ]
    await eve.join("#lounge")
    await ann.sync()
    assert await eve.ask("METADATA #lounge LIST") == [
        ("761", "eve", "#lounge", "topic.url", "*", "https://example.org")
    ]
    assert [line[2] for line in await eve.ask("METADATA #lounge CLEAR")] == ["KEY_NO_PERMISSION"]
    assert await ann.ask("METADATA #lounge CLEAR") == [("766", "ann", "#lounge", "topic.url", "key not set")]


async def test_a_guest_leaves_nothing_behind(irc: IrcHub) -> None:
    ann = await irc.client("ann", NEW)
    await ann.ask("METADATA * SET color :red")
    guest = next(one for one in irc.hub.cases.directory.principals() if one.display_name == "ann")
    assert await irc.hub.cases.metadata.get(guest, guest) == {"color": "red"}
    ann.send("QUIT")
    await ann.expect("ERROR")
    assert await irc.hub.cases.metadata.get(guest, guest) == {}


async def test_the_burst_has_a_batch_of_ones_own_values_before_the_motd_even_if_there_are_none(irc: IrcHub) -> None:
    ann = await irc.connect()
    ann.send("CAP LS 302", f"CAP REQ :batch {NEW}", "NICK ann", "USER ann 0 * :Ann", "CAP END")
    await ann.expect("005")
    burst = [(line.command, *line.params) for line in await ann.sync()]
    opening = next(place for place, line in enumerate(burst) if line[0] == "BATCH")
    name = burst[opening][1][1:]
    assert burst[opening : opening + 2] == [("BATCH", f"+{name}", "metadata", "ann"), ("BATCH", f"-{name}")]
    assert [line[0] for line in burst[opening + 2 :]] == ["422"]


async def test_who_watches_for_somebody_is_told_what_they_follow_of_them(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", NEW), await irc.client("bob", NEW)
    await bob.ask("METADATA * SET status :busy")
    await bob.ask("METADATA * SET color :red")
    await ann.ask("METADATA * SUB status")
    watching = await ann.ask("MONITOR + bob,carl")
    assert watching[0][0] == "730"
    assert watching[0][2].startswith("bob!")
    assert watching[1:] == [("731", "ann", "carl"), ("761", "ann", "bob", "status", "*", "busy")]
    await bob.ask("METADATA * SET status :idle")
    await bob.ask("METADATA * SET color :blue")
    assert await ann.seen() == [("airchat.hub", "761", "ann", "bob", "status", "*", "idle")]
    carl = await Site(irc.hub, None).caller("carl", Role.MEMBER, Kind.PERSON)  # type: ignore[arg-type]  # as above
    me = irc.hub.cases.directory.principal_by_name("carl")
    assert me is not None
    await irc.hub.cases.metadata.set(me, me, "status", "new here")
    await ann.sync()
    await irc.client("carl", password=carl.key)
    assert (await ann.expect("730")).params[1].startswith("carl!")
    assert (await ann.expect("761")).params == ("ann", "carl", "status", "*", "new here")
