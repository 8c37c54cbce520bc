import pytest

from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.timestamps import SECOND, to_iso
from hub.core.markers import Markers
from tests.hub.core.hub import Hub, data


@pytest.fixture
def markers(hub: Hub) -> Markers:
    return Markers(hub.store, hub.clock, hub.directory)


async def test_marker_moves_forward_and_reads_up_to_it(hub: Hub, markers: Markers) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    general = await hub.channels.open(ann, "general")
    start = hub.clock()
    await hub.say(bob, "general", "1", "2", "3")
    assert await markers.get(ann, general) is None
    assert await hub.unread(ann) == {"general": 3}

    assert await markers.move(ann, general, start + SECOND) == start + SECOND
    assert await hub.unread(ann) == {"general": 1}
    assert await markers.move(ann, general, start) == start + SECOND
    assert await markers.get(ann, general) == start + SECOND
    assert await markers.get(bob, general) is None
    await markers.move(ann, general, start + 9 * SECOND)
    assert await hub.unread(ann) == {"general": 0}


async def test_marker_goes_no_further_than_what_is_said(hub: Hub, markers: Markers) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    general = await hub.channels.open(ann, "general")
    assert await markers.move(ann, general, hub.clock() + 100 * SECOND) == hub.clock()
    hub.clock.forward(SECOND)
    await hub.say(bob, "general", "said later")
    assert await hub.unread(ann) == {"general": 1}
    said = hub.clock() - SECOND
    hub.clock.forward(-5 * SECOND)  # another hub's clock is ahead of this one's
    assert await markers.move(ann, general, said + 9 * SECOND) == said
    assert await hub.unread(ann) == {"general": 0}


async def test_marker_is_told_to_its_owner_alone_and_once(hub: Hub, markers: Markers) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    general = await hub.channels.open(ann, "general")
    at = hub.clock()
    for _ in range(2):
        await markers.move(ann, general, at)
    [event] = await hub.log(EventKind.READ_MARKED)
    assert (event.actor_id, event.channel_id, event.recipient_id) == (ann.id, general.id, ann.id)
    assert data(event) == {"target": general.id, "channel": "general", "at": to_iso(at)}
    assert hub.directory.may_see_event(ann.id, event)
    assert not hub.directory.may_see_event(bob.id, event)


async def test_marker_behind_what_is_read_takes_nothing_back(hub: Hub, markers: Markers) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    general = await hub.channels.open(ann, "general")
    start = hub.clock()
    await hub.say(bob, "general", "1", "2")
    await hub.channels.mark_read(ann, general, 2)
    await markers.move(ann, general, start)
    assert await hub.unread(ann) == {"general": 0}


async def test_marker_of_a_conversation(hub: Hub, markers: Markers) -> None:
    ann, _, cat = [await hub.agent(name) for name in ("ann", "bob", "cat")]
    channel = (await hub.messages.direct(ann, "bob", "hello")).channel
    assert await markers.move(ann, channel, hub.clock()) == hub.clock()
    for refused in (markers.get(cat, channel), markers.move(cat, channel, hub.clock())):
        with pytest.raises(NotFound):
            await refused
