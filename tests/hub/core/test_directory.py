from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from airchat.protocol.errors import NotFound
from airchat.protocol.principals import Kind, Role
from store.memory import MemoryStore
from tests.hub.core.fakes import FakeClock
from tests.hub.core.hub import Deaf, Hub, start_hub


@pytest.fixture
async def nodes(clock: FakeClock) -> AsyncIterator[tuple[Hub, Hub]]:
    """Two nodes on one store; the second hears of nothing until `catch_up`."""
    store = MemoryStore()
    here = await start_hub(store, clock)
    there = await start_hub(Deaf(store), clock)
    yield here, there
    await here.bus.close()
    await there.bus.close()


async def catch_up(here: Hub, there: Hub) -> None:
    there.bus.advanced(here.bus.head)
    await there.bus.wait(here.bus.head - 1)


def picture(hub: Hub) -> object:
    channels = sorted(hub.directory.channels(), key=lambda one: one.id)
    return (
        sorted(hub.directory.principals(), key=lambda one: one.id),
        [replace(one, last_number=0) for one in channels],
        [hub.directory.direct_members(one.id) for one in channels],
        [
            [hub.directory.can_see(who.id, one.id) for who in sorted(hub.directory.principals(), key=lambda p: p.id)]
            for one in channels
        ],
    )


async def history(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    guest = await hub.agent("visitor", role=Role.GUEST, kind=Kind.PERSON)
    await hub.say(alice, "general", "hello")
    await hub.channels.update(alice, "general", topic="talk", description="about")
    await hub.messages.direct(bob, "mac-a", "psst")
    await hub.messages.direct(bob, "mac-b", "note")
    await hub.channels.join(bob, "general")
    await hub.channels.leave(bob, "general")
    await hub.channels.open(alice, "old")
    await hub.channels.update(alice, "old", archived=True)
    await hub.deactivate(bob)
    await hub.save(replace(guest, name="guest-2", display_name="Guest"))


async def test_directory_from_events_equals_directory_from_the_store(nodes: tuple[Hub, Hub]) -> None:
    here, there = nodes
    await history(here)
    await catch_up(here, there)
    late = await start_hub(Deaf(here.store), here.clock)
    assert picture(here) == picture(there) == picture(late)
    assert here.directory.principal_by_name("visitor") is None
    assert here.directory.principal_by_name("guest-2") is not None
    await late.bus.close()


async def test_directory_loading_skips_what_it_has_seen(clock: FakeClock) -> None:
    store = MemoryStore()
    here = await start_hub(store, clock)
    late = await start_hub(deaf := Deaf(store), clock)
    await history(here)
    await late.directory.load()
    before = picture(late)
    late.bus.committed((await here.log())[:7])  # when bob was active and the topic empty
    assert before == picture(late)
    await catch_up(here, late)
    assert before == picture(late) == picture(here)
    assert deaf.advanced == late.bus.advanced
    await here.bus.close()
    await late.bus.close()


async def test_second_node_finds_what_it_has_not_heard_of(nodes: tuple[Hub, Hub]) -> None:
    here, there = nodes
    alice, bob, eve = [await here.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    [message_id] = await here.say(alice, "general", "hello")
    assert there.directory.channel_by_name("general") is None
    assert (await there.messages.get(bob, message_id)).channel.name == "general"
    assert (await there.messages.post(bob, "general", "hi @mac-a")).message.number == 2
    assert await here.mentioned(alice) == ["hi @mac-a"]
    sent = await here.messages.direct(alice, "mac-b", "psst")
    here.clock.forward(1)
    answer = await there.messages.post(bob, sent.channel.name, "what?")
    assert (answer.channel.id, answer.message.number) == (sent.channel.id, 2)
    assert await here.mentioned(alice) == ["what?", "hi @mac-a"]
    assert [one.content for one in (await there.messages.read(bob, "direct-messages")).messages] == [
        "@mac-b psst",
        "what?",
    ]
    other = await here.messages.direct(eve, "mac-a", "hey")
    assert (await there.messages.direct(alice, "mac-e", "yes?")).channel.id == other.channel.id
    await catch_up(here, there)
    assert picture(here) == picture(there)


async def test_second_node_does_not_make_a_channel_twice(nodes: tuple[Hub, Hub]) -> None:
    here, there = nodes
    alice = await here.agent("mac-a")
    first = await here.messages.post(alice, "project-x", "1")
    assert (await there.messages.post(alice, "project-x", "2")).channel.id == first.channel.id


async def test_second_node_hides_direct_channels_it_has_just_found(nodes: tuple[Hub, Hub]) -> None:
    here, there = nodes
    alice, _, eve = [await here.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    sent = await here.messages.direct(alice, "mac-b", "psst")
    for attempt in (there.messages.get(eve, sent.message.id), there.messages.read(eve, sent.channel.name)):
        with pytest.raises(NotFound):
            await attempt
    assert await there.search.messages(eve, "psst", channel=sent.channel.name) == []


async def test_unknown_ids_are_invisible(nodes: tuple[Hub, Hub]) -> None:
    here, _ = nodes
    alice = await here.agent("mac-a")
    channel = await here.channels.open(alice, "general")
    assert here.directory.can_see(alice.id, channel.id)
    assert not here.directory.can_see("nobody", channel.id)
    assert not here.directory.can_see(alice.id, "nothing")
    assert await here.directory.find_channel("nothing") is None
    assert await here.directory.find_channel_by_id("nothing") is None
    assert await here.directory.find_principals(["nobody", "mac-a"]) == [alice]
