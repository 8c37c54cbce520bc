import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol.events import Event, EventDraft, EventKind
from hub.core.events import EventBus
from store.memory import MemoryStore
from store.ports.store import Advanced, Committed
from store.ports.unit import Unit
from tests.hub.core.hub import Deaf


class Log:
    """A store with nothing but a log; `fail` makes that many reads fail."""

    def __init__(self) -> None:
        self.rows: list[Event] = []
        self.fail = 0
        self.reads = 0

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        pass

    @asynccontextmanager
    async def read(self, access: str = "api") -> AsyncIterator[SimpleNamespace]:
        self.reads += 1
        if self.fail:
            self.fail -= 1
            raise OSError("the database is away")
        await asyncio.sleep(0)
        yield SimpleNamespace(events=self)

    async def look_up(self, work: Callable[[SimpleNamespace], Awaitable[int]]) -> int:
        async with self.read() as unit:
            return await work(unit)

    async def head(self) -> int:
        return len(self.rows)

    async def after(self, seq: int, limit: int) -> list[Event]:
        return self.rows[seq : seq + limit]

    def add(self, count: int) -> list[Event]:
        first = len(self.rows) + 1
        fresh = [
            Event(seq, EventKind.MEMBER_JOINED, seq, None, None, None, None, "{}")
            for seq in range(first, first + count)
        ]
        self.rows += fresh
        return fresh


# How a batch of a log reaches a node: it commits it itself, hears of it from another, or hears nothing (for now).
HEARD = st.sampled_from(["committed", "advanced", "late", "unheard"])


@given(batches=st.lists(st.tuples(st.integers(1, 7), HEARD, st.booleans()), max_size=30), ring=st.integers(1, 10))
async def test_bus_tells_every_event_once_in_order(batches: list[tuple[int, str, bool]], ring: int) -> None:
    log = Log()
    bus = EventBus(log, ring)  # type: ignore[arg-type]
    told: list[int] = []
    bus.add_listener(lambda events: told.extend(event.seq for event in events))
    await bus.start()
    last = sum(count for count, _, _ in batches)
    follower = asyncio.create_task(_follow(bus, last))
    late = await _commit(log, bus, batches)
    for fresh in reversed(late):
        bus.committed(fresh)
    bus.advanced(last)
    followed = await asyncio.wait_for(follower, 5)
    assert told == followed == list(range(1, last + 1))
    assert bus.head == last
    for after in range(0, last + 2, 3):
        assert [event.seq for event in await bus.read(after, 5)] == list(range(after + 1, min(after + 5, last) + 1))
    await bus.close()


async def _commit(log: Log, bus: EventBus, batches: list[tuple[int, str, bool]]) -> list[list[Event]]:
    late = []
    for count, heard, pause in batches:
        fresh = log.add(count)
        if heard == "committed":
            bus.committed(fresh)
        elif heard == "advanced":
            bus.advanced(fresh[-1].seq)
        elif heard == "late":
            late.append(fresh)
        if pause:
            await asyncio.sleep(0)
    return late


async def _follow(bus: EventBus, last: int) -> list[int]:
    followed: list[int] = []
    if last:
        async for events in bus.cursor(0, limit=3):
            followed += [event.seq for event in events]
            if followed[-1] >= last:
                break
    return followed


async def test_bus_reads_old_events_from_the_store_and_new_ones_from_memory() -> None:
    log = Log()
    bus = EventBus(log, ring=5)  # type: ignore[arg-type]
    for _ in range(4):
        bus.committed(log.add(3))
    assert log.reads == 0
    assert [event.seq for event in await bus.read(7, 100)] == [8, 9, 10, 11, 12]
    assert log.reads == 0
    assert [event.seq for event in await bus.read(0, 2)] == [1, 2]
    assert log.reads == 1


async def test_bus_keeps_few_of_large_events_in_memory() -> None:
    log = Log()
    bus = EventBus(log, ring=100, weight=20)  # type: ignore[arg-type]
    for size in (2, 50, 2, 2, 30, 8, 8, 8, 8):
        [event] = log.add(1)
        log.rows[-1] = replace(event, data="x" * size)
        bus.committed(log.rows[-1:])
    assert [event.seq for event in await bus.read(7, 100)] == [8, 9]
    assert log.reads == 0
    assert [event.seq for event in await bus.read(0, 100)] == list(range(1, 10))
    assert log.reads == 1


async def test_bus_shows_nothing_beyond_its_head() -> None:
    log = Log()
    log.add(3)
    bus = EventBus(log, ring=5)  # type: ignore[arg-type]
    await bus.start()
    log.add(2)
    assert [event.seq for event in await bus.read(0, 10)] == [1, 2, 3]
    assert await bus.read(3, 10) == []
    assert await bus.read(99, 10) == []
    await bus.close()


async def test_bus_starts_at_the_head_and_tells_only_what_comes() -> None:
    log = Log()
    log.add(3)
    bus = EventBus(log)  # type: ignore[arg-type]
    told: list[int] = []
    bus.add_listener(lambda events: told.extend(event.seq for event in events))
    await bus.start()
    bus.committed(log.add(2))
    assert (bus.head, told) == (5, [4, 5])
    await bus.close()


async def test_bus_keeps_trying_when_the_store_is_away() -> None:
    log = Log()
    bus = EventBus(log, retry_seconds=0)  # type: ignore[arg-type]
    await bus.start()
    log.add(3)
    log.fail = 2
    bus.advanced(3)
    await asyncio.wait_for(bus.wait(2), 5)
    assert bus.head == 3
    await bus.close()


async def test_listener_that_fails_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    log = Log()
    bus = EventBus(log)  # type: ignore[arg-type]
    told: list[int] = []
    bus.add_listener(lambda events: told.append(1 // (len(events) - 2)))
    bus.add_listener(lambda events: told.extend(event.seq for event in events))
    bus.committed(log.add(2))
    await asyncio.wait_for(bus.wait(0), 1)
    assert told == [1, 2]
    assert "a listener failed at events 1 to 2" in caplog.text


async def test_bus_wait_returns_at_once_for_what_is_there() -> None:
    log = Log()
    bus = EventBus(log)  # type: ignore[arg-type]
    bus.committed(log.add(1))
    await asyncio.wait_for(bus.wait(0), 1)
    waiter = asyncio.create_task(bus.wait(1))
    await asyncio.sleep(0)
    assert not waiter.done()
    bus.committed(log.add(1))
    await asyncio.wait_for(waiter, 1)


async def test_bus_is_settled_when_what_came_before_is_told_too() -> None:
    log = Log()
    bus = EventBus(log)  # type: ignore[arg-type]
    await bus.start()
    await asyncio.wait_for(bus.settled(), 1)
    log.add(2)
    bus.committed(log.add(1))
    assert bus.head == 0
    await asyncio.wait_for(bus.settled(), 1)
    assert bus.head == 3
    await bus.close()


async def test_bus_catches_up_with_what_nobody_told_it() -> None:
    log = Log()
    bus = EventBus(log)  # type: ignore[arg-type]
    await bus.start()
    await asyncio.wait_for(bus.caught_up(), 1)
    log.add(3)
    await asyncio.wait_for(bus.settled(), 1)
    assert bus.head == 0
    await asyncio.wait_for(bus.caught_up(), 1)
    assert bus.head == 3
    await bus.close()


async def test_two_nodes_on_one_store_tell_the_same() -> None:
    store = MemoryStore()
    here, there = EventBus(store), EventBus(deaf := Deaf(store))
    told: dict[str, list[int]] = {"here": [], "there": []}
    here.add_listener(lambda events: told["here"].extend(event.seq for event in events))
    there.add_listener(lambda events: told["there"].extend(event.seq for event in events))
    await here.start()
    await there.start()

    async def log(unit: Unit) -> None:
        await unit.events.append([EventDraft(EventKind.MEMBER_JOINED, 1)] * 3)

    for _ in range(300):
        await store.write(log)
    deaf.advanced(900)
    await asyncio.wait_for(there.wait(899), 5)
    assert told["here"] == told["there"] == list(range(1, 901))
    await here.close()
    await there.close()
