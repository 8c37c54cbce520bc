"""Chunks of the stream that many get: no more than each of them may see."""

from collections.abc import AsyncIterator, Sequence

import pytest

from airchat.protocol.channels import ModeChange
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Principal, Role
from hub.api.frames import Frames, Selection
from hub.core.directory import CHANNEL_KINDS
from store.memory import MemoryStore
from tests.hub.core.fakes import FakeClock
from tests.hub.core.hub import Hub, start_hub

ALL = Selection()


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = await start_hub(MemoryStore(), FakeClock())
    yield hub
    await hub.bus.close()


@pytest.fixture
def frames(hub: Hub) -> Frames:
    frames = Frames(hub.directory)
    hub.bus.add_listener(frames.unshare, CHANNEL_KINDS)
    return frames


def alone(frames: Frames, viewer: Principal, events: Sequence[Event], selection: Selection = ALL) -> bytes:
    return b"".join(map(frames.of, frames.wanted(selection, viewer.id, events)))


async def test_what_everybody_may_see_is_joined_once(hub: Hub, frames: Frames) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    await hub.say(ann, "general", "one", "two")
    events = await hub.bus.read(0)

    shared = frames.shared(ALL, ann.id, events)
    assert shared == alone(frames, ann, events) == alone(frames, bob, events)
    assert frames.shared(ALL, bob.id, await hub.bus.read(0)) is shared


async def test_selections_do_not_get_each_others_events(hub: Hub, frames: Frames) -> None:
    ann = await hub.agent("ann")
    await hub.say(ann, "general", "one")
    await hub.say(ann, "other", "two")
    events = await hub.bus.read(0)
    other = hub.directory.channel_by_name("other")
    assert other is not None

    for selection in (ALL, Selection(frozenset({EventKind.MESSAGE_CREATED})), Selection(channel_id=other.id)):
        assert frames.shared(selection, ann.id, events) == alone(frames, ann, events, selection)
    assert frames.shared(Selection(direct_only=True), ann.id, events) == b""


async def test_guests_and_direct_messages_have_chunks_of_their_own(hub: Hub, frames: Frames) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    guest = await hub.agent("guest", role=Role.GUEST)
    await hub.say(ann, "general", "one")
    assert frames.shared(ALL, guest.id, await hub.bus.read(0)) is None
    assert frames.shared(ALL, "nobody", await hub.bus.read(0)) is None
    await hub.messages.direct(ann, "bob", "psst")
    assert frames.shared(ALL, bob.id, await hub.bus.read(0)) is None


async def test_channel_that_closes_is_shared_no_more(hub: Hub, frames: Frames) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    await hub.say(ann, "general", "one")
    channel = hub.directory.channel_by_name("general")
    assert channel is not None
    events = await hub.bus.read(0)
    assert frames.shared(ALL, bob.id, events)

    await hub.moderation.change(ann, channel, [ModeChange(True, "invite_only")])

    assert frames.shared(ALL, bob.id, events) is None
    assert b'"one"' not in alone(frames, bob, events)
    assert b'"one"' in alone(frames, ann, events)
