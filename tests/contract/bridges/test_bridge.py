"""What every bridge promises to the relay (`hub.relay.contract`)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from hub.relay.contract import inbound
from hub.relay.contract.bridge import Bridge, Capability, LinkedChannel
from hub.relay.contract.outbound import Author, Post, Reference
from hub.relay.desk import NoDesk
from tests.contract.bridges.sides import Plain, Received, Side
from tests.waiting import eventually


@asynccontextmanager
async def running(bridge: Bridge, received: Received) -> AsyncIterator[None]:
    task = asyncio.create_task(bridge.run(received, NoDesk()))
    await eventually(lambda: received.listened > 0)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    await bridge.close()


async def decoded(bridge: Bridge, received: Received) -> list[inbound.Message]:
    """The messages by their ids: what comes again under a known id is no new one for the relay."""
    found = [await bridge.decode(event.payload, Plain()) for event in received.in_order()]
    messages: dict[str, inbound.Message] = {}
    for message in found:
        if isinstance(message, inbound.Message):
            messages.setdefault(message.remote_id, message)
    return list(messages.values())


def part(channel: str, text: str, *, token: str = "m1:0", thread_id: str | None = None) -> Post:
    thread = Reference("m0", thread_id, "Alice", "question") if thread_id else None
    return Post(token, channel, Author("wren", "wren"), text, time.time_ns() // 1000, thread=thread, reply_to=thread)


async def test_posts_arrive_once_listening_in_order_with_author_and_thread(side: Side) -> None:
    bridge, received = side.bridge(), Received()
    await bridge.connect()
    channel = (await bridge.resolve(side.remote)).id
    async with running(bridge, received):
        first = await side.write("Alice", "one")
        second = await side.write("Bob", "two", thread_id=first)
        await eventually(lambda: len(received.events) == 2)
        one, two = await decoded(bridge, received)
    assert {event.remote_channel for event in received.events.values()} == {channel}
    assert (one.remote_id, one.author.name, one.text, one.thread_id) == (first, "Alice", "one", None)
    assert (two.remote_id, two.author.name, two.text, two.thread_id) == (second, "Bob", "two", first)


async def test_history_gives_what_was_missed_under_the_same_keys(side: Side) -> None:
    bridge, live, missed = side.bridge(), Received(), Received()
    linked_at = time.time_ns() // 1000 - 1_000_000
    await bridge.connect()
    channel = (await bridge.resolve(side.remote)).id
    async with running(bridge, live):
        root = await side.write("Alice", "one")
        await eventually(lambda: len(live.events) == 1)
    await side.write("Alice", "two")
    await side.write("Bob", "three", thread_id=root)

    later = side.bridge()
    await later.connect()
    await later.read_up(LinkedChannel(channel, None, linked_at), missed)
    assert [message.text for message in await decoded(later, missed)] == ["one", "two", "three"]
    assert live.in_order()[0].key == missed.in_order()[0].key
    assert live.in_order()[0].order_key == missed.in_order()[0].order_key

    after = Received()
    await later.read_up(LinkedChannel(channel, missed.in_order()[0].order_key, linked_at), after)
    assert set(missed.events) - {missed.in_order()[0].key} <= set(after.events) <= set(missed.events)


async def test_parts_are_posted_under_the_author_and_into_the_thread(side: Side) -> None:
    bridge = side.bridge()
    await bridge.connect()
    channel = (await bridge.resolve(side.remote)).id
    root = await side.write("Alice", "question")
    remote_id = await bridge.post(part(channel, "answer", thread_id=root), Plain())
    assert side.shown()[1] == ("wren", "answer", root)
    assert remote_id > root


async def test_part_is_found_by_its_token_after_it_was_sent_and_not_before(side: Side) -> None:
    bridge = side.bridge()
    await bridge.connect()
    channel = (await bridge.resolve(side.remote)).id
    root = await side.write("Alice", "answer")
    for thread_id in (None, root):
        wanted = part(channel, "answer", token=f"m:{thread_id}", thread_id=thread_id)
        assert await bridge.find_sent(wanted) is None
        remote_id = await bridge.post(wanted, Plain())
        again = side.bridge()
        await again.connect()
        assert await again.find_sent(wanted) == remote_id
        if Capability.DELETE in again.capabilities:
            assert await again.find_sent(replace(wanted, taken=frozenset({remote_id}))) is None


async def test_own_posts_are_dropped_live_and_from_history(side: Side) -> None:
    bridge, received = side.bridge(), Received()
    linked_at = time.time_ns() // 1000 - 1_000_000
    await bridge.connect()
    channel = (await bridge.resolve(side.remote)).id
    async with running(bridge, received):
        await bridge.post(part(channel, "mine"), Plain())
        await side.write("Alice", "hers")
        await eventually(lambda: len(received.events) == 2)
        await bridge.read_up(LinkedChannel(channel, None, linked_at), received)
    assert [message.text for message in await decoded(bridge, received)] == ["hers"]
    other = side.bridge()
    await other.connect()
    assert [message.text for message in await decoded(other, received)] == ["hers"]


async def test_nothing_runs_on_after_the_bridge_ended(side: Side) -> None:
    before = asyncio.all_tasks()
    bridge = side.bridge()
    await bridge.connect()
    async with running(bridge, Received()):
        pass
    ours = {task for task in asyncio.all_tasks() - before if "bridges" in str(task) or "socket_mode" in str(task)}
    assert ours == set()


async def test_bridge_is_closed_before_it_connects_after_and_twice(side: Side) -> None:
    bridge = side.bridge()
    await bridge.close()
    await bridge.connect()
    await bridge.close()
    await bridge.close()
