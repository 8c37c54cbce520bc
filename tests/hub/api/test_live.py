"""Streams that are up to date: who gets what, and who is left to a task of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest

from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.principals import Principal
from hub.api.frames import Frames, Selection
from hub.api.live import Follower, Live, Outlet
from store.memory import MemoryStore
from tests.hub.core.fakes import FakeClock
from tests.hub.core.hub import Hub, start_hub
from tests.waiting import SECONDS


class Transport:
    """Takes what is written, or holds it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.held = 0
        self.transport = self  # as of a request

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.held


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = await start_hub(MemoryStore(), FakeClock())
    yield hub
    await hub.bus.close()


class Setting:
    """Followers of a hub's log that are live."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.frames = Frames(hub.directory)
        self.live = Live(self.frames)

    def follower(self, viewer: Principal, position: int, *, chunked: bool = False) -> tuple[Follower, Transport]:
        transport = Transport()
        outlet = Outlet(cast("Any", transport), cast("Any", None), 1.0, chunked)
        return Follower(outlet, viewer.id, Selection(), position), transport

    def text(self, viewer: Principal, events: Sequence[Event]) -> bytes:
        return b"".join(map(self.frames.of, self.frames.wanted(Selection(), viewer.id, events)))


async def test_what_gathers_is_written_in_one_piece_to_whoever_has_not_got_it(hub: Hub) -> None:
    setting, ann = Setting(hub), await hub.agent("ann")
    start = hub.bus.head
    await hub.say(ann, "general", "one", "two")
    events = await hub.bus.read(start)
    (behind, first), (ahead, second) = setting.follower(ann, start), setting.follower(ann, events[0].seq, chunked=True)
    tasks = [asyncio.create_task(setting.live.follow(each, 60)) for each in (behind, ahead)]
    await asyncio.sleep(0)

    setting.live.observe(events[:1])
    setting.live.observe(events[1:])
    async with asyncio.timeout(SECONDS):
        while not second.written:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)

    rest = setting.text(ann, events[1:])
    assert first.written == [setting.text(ann, events)]
    assert second.written == [b"%x\r\n%b\r\n" % (len(rest), rest)]
    assert (behind.position, behind.quiet, ahead.position) == (events[-1].seq, False, events[-1].seq)
    for task in tasks:
        task.cancel()


async def test_whoever_still_holds_something_is_left_where_they_are(hub: Hub) -> None:
    setting, ann = Setting(hub), await hub.agent("ann")
    start = hub.bus.head
    await hub.say(ann, "general", "one")
    events = await hub.bus.read(start)
    slow, transport = setting.follower(ann, start)
    transport.held = 1
    quick, taken = setting.follower(ann, start)
    waiting = asyncio.create_task(setting.live.follow(quick, 60))
    task = asyncio.create_task(setting.live.follow(slow, 60))
    await asyncio.sleep(0)

    setting.live.observe(events)
    await task

    assert (slow.position, slow.quiet, transport.written) == (start, True, [])
    assert taken.written == [setting.text(ann, events)]
    waiting.cancel()


async def test_whose_keys_may_have_changed_is_left_before_they_get_more(hub: Hub) -> None:
    setting, ann, bob = Setting(hub), await hub.agent("ann"), await hub.agent("bob")
    start = hub.bus.head
    (one, hers), (other, his) = setting.follower(ann, start), setting.follower(bob, start)
    task = asyncio.create_task(setting.live.follow(one, 60))
    waiting = asyncio.create_task(setting.live.follow(other, 60))
    await asyncio.sleep(0)

    await hub.say(bob, "general", "before")
    event = EventDraft(EventKind.CREDENTIAL_REVOKED, 1, None, recipient_id=ann.id)
    await hub.store.write(lambda unit: unit.events.append([event]))
    setting.live.observe(await hub.bus.read(start))
    await task

    assert (one.position, hers.written) == (start, [])
    assert his.written
    waiting.cancel()
