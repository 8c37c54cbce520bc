import asyncio
from dataclasses import replace

import pytest

from hub.relay.contract import inbound
from hub.relay.contract.bridge import LinkedChannel
from hub.relay.contract.errors import NotReady
from tests.bridges.irc_network.conftest import Connect
from tests.bridges.irc_network.world import PLACE
from tests.contract.bridges.sides import Received
from tests.fakes.irc_network import FakeIrcNetwork


async def test_what_people_do_is_taken_in(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    alice = irc.person("Alice", "alice")
    said = alice.say(PLACE, "\x02bold\x02 and *stars*")
    acted = alice.act(PLACE, "waves")
    alice.react(PLACE, said, "👍")
    alice.react(PLACE, said, "👍", added=False)
    alice.redact(PLACE, acted)
    alice.set_topic(PLACE, "Plans")
    alice.join(PLACE)
    alice.leave(PLACE)
    user = inbound.User("account:alice", "Alice")
    found = await world.decoded(8)
    messages = [(it.remote_id, it.text) for it in found if isinstance(it, inbound.Message)]
    assert messages == [(said, "**bold** and \\*stars\\*"), (acted, "*waves*")]
    assert found[2:] == [
        inbound.React(said, user, "👍"),
        inbound.React(said, user, "👍", added=False),
        inbound.Delete(acted, user),
        inbound.Topic(user, "Plans"),
        inbound.Member(user),
        inbound.Member(user, joined=False),
    ]


async def test_accounts_tell_people_apart_and_nicks_where_there_are_none(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    irc.person("carol").say(PLACE, "one")
    irc.person("carol", "caroline").say(PLACE, "two")
    found = await world.decoded(2)
    assert [it.author.id for it in found] == ["nick:carol", "account:caroline"]  # type: ignore[union-attr]


async def test_split_of_the_network_is_no_news(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    alice, bob = irc.person("alice"), irc.person("bob")
    alice.join(PLACE)
    bob.join(PLACE)
    irc.split()
    bob.say(PLACE, "still here")
    found = await world.decoded(3)
    assert [type(it) for it in found] == [inbound.Member, inbound.Member, inbound.Message]
    irc.clients[0].send("QUIT", "good night", source="bob!x@host.example")
    assert (await world.decoded(4))[3] == inbound.Member(inbound.User("nick:bob", "bob"), joined=False)


async def test_correction_is_an_edit_if_wanted(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect(edits=True)
    alice, bob = irc.person("alice"), irc.person("bob")
    said = alice.say(PLACE, "we meet on Monday, on Monday")
    bob.say(PLACE, "s/Monday/Friday/")
    alice.say(PLACE, "s/Monday/Tuesday/")
    alice.say(PLACE, "s|on|at|g")
    alice.say(PLACE, "s/nothing/of it/")
    found = await world.decoded(5)
    edits = [(it.remote_id, it.text) for it in found if isinstance(it, inbound.Edit)]
    assert edits == [(said, "we meet on Tuesday, on Monday"), (said, "we meet at Tuesday, at Matday")]
    assert [it.text for it in found if isinstance(it, inbound.Message)][1:] == ["s/Monday/Friday/", "s/nothing/of it/"]


async def test_history_is_read_page_by_page(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.settings.page = 20
    world = await connect()
    alice = irc.person("alice")
    for number in range(50):
        alice.say(PLACE, f"line {number}")
    since, missed = irc.said(PLACE)[9].at, Received()
    await world.bridge.read_up(LinkedChannel(PLACE, f"{since:020d}", 0), missed)
    texts = [event.payload["text"] for event in missed.in_order()]
    assert texts[-40:] == [f"line {number}" for number in range(10, 50)]
    assert irc.pages == 3
    first, earlier = irc.said(PLACE)[45].at, Received()
    await world.bridge.read_up(LinkedChannel(PLACE, None, first + 2_000_000, earlier=25), earlier)
    assert [event.payload["text"] for event in earlier.in_order()] == [f"line {number}" for number in range(25, 50)]


async def test_channel_in_which_somebody_waits_is_read_before_those_that_came_first(
    irc: FakeIrcNetwork, connect: Connect
) -> None:
    world = await connect(per_second=20.0, burst=1)
    channels = [f"#room{number}" for number in range(5)]
    for channel in channels:
        await world.bridge.resolve(channel)
    order: list[str] = []
    pressing: set[str] = set()

    async def read(channel: str) -> None:
        linked = LinkedChannel(channel, f"{0:020d}", 0, pressing=lambda: channel in pressing)
        await world.bridge.read_up(linked, Received())
        order.append(channel)

    async with asyncio.TaskGroup() as group:
        for channel in channels:
            group.create_task(read(channel))
        await world.until(lambda: bool(order))
        pressing.add("#room4")
    assert order.index("#room4") < 3


async def test_history_of_one_moment_and_of_a_server_that_knows_no_bounds_ends(
    irc: FakeIrcNetwork, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    irc.settings.page = 10
    world = await connect()
    alice, history = irc.person("alice"), irc.network.channel(PLACE).history
    for number in range(15):
        alice.say(PLACE, f"line {number}")
    history[:] = [replace(event, at=history[-1].at) for event in history]
    missed = Received()
    await world.bridge.read_up(LinkedChannel(PLACE, f"{history[0].at:020d}", 0), missed)
    assert len(missed.events) == 10
    monkeypatch.setattr("tests.fakes.irc_network.history.parse_time", len)
    await world.bridge.read_up(LinkedChannel(PLACE, f"{history[0].at:020d}", 0), missed)
    assert irc.pages < 10


async def test_who_is_put_out_comes_back_and_reads_up(
    irc: FakeIrcNetwork, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.irc_network.bridge._TEND_SECONDS", 0.05)
    monkeypatch.setattr("bridges.irc_network.rooms._FIRST_SECONDS", 0.05)
    world = await connect()
    room = irc.network.channel(PLACE)
    room.banned.add("airchat")
    irc.person("op").kick(PLACE, "airchat")
    await world.until(lambda: not world.bridge._rooms.joined())
    with pytest.raises(NotReady):
        await world.post("hello?")
    room.banned.clear()
    await world.until(lambda: world.received.listened == 2)
    assert await world.post("back again")


async def test_deaf_server_is_found_out(irc: FakeIrcNetwork, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridges.irc_network.session.ANSWER_SECONDS", 0.2)
    world = await connect()
    await world.bridge.probe()
    irc.faults.deaf = True
    with pytest.raises(NotReady, match="did not answer"):
        await world.bridge.probe()
    await world.until(lambda: world.running is not None and world.running.done())
    assert isinstance(world.running.exception(), NotReady) if world.running else False


async def test_commands_are_answered_to_who_is_logged_in(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    irc.person("alice", "alice").say(PLACE, "airchat: status of *all*")
    await world.until(lambda: len(irc.private) == 2)
    irc.person("mallory").say(PLACE, "airchat: approve 1")
    await world.until(lambda: len(irc.private) == 3)
    assert irc.private[:2] == [
        ("airchat", "NOTICE", "alice", "you said \x02status of *all*\x02"),
        ("airchat", "NOTICE", "alice", "and more"),
    ]
    assert irc.private[2][2:] == (
        "mallory",
        "Log in to the network's services first: only then is it certain who asks.",
    )
    assert [(it.user.id, it.text, it.place.remote_channel) for it in world.desk.asked] == [
        ("account:alice", "status of \\*all\\*", PLACE)
    ]
