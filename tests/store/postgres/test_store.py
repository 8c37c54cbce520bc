"""What is particular to Postgres: several processes over one log, and a server that goes away."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict, InvalidInput, Unavailable
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.ids import new_id
from store.errors import ReadOnly
from store.ports.messages import Appended
from store.postgres import notices
from store.postgres.store import PostgresStore
from tests.contract.store.world import World
from tests.postgres import Cluster, OwnCluster
from tests.waiting import SECONDS


class Node:
    """A store as a hub process has it, and what it was told."""

    def __init__(self, url: str) -> None:
        self.heard: list[Event] = []
        self.advanced: asyncio.Queue[int] = asyncio.Queue()
        self.store = PostgresStore(url)
        self.store.listen(self.heard.extend, self.advanced.put_nowait)


async def test_two_nodes_share_one_order_and_wake_each_other(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "POLL_SECONDS", 3600.0)
    one, two = Node(postgres_url), Node(postgres_url)
    await asyncio.gather(one.store.open(), two.store.open())
    world = World(one.store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    drafts = [world.draft(channel, ann, str(number)) for number in range(200)]

    results = await asyncio.gather(
        *(node.store.append(draft) for node, draft in zip([one, two] * 100, drafts, strict=True))
    )

    assert sorted(result.message.number for result in results) == list(range(1, 201))
    async with one.store.read() as unit:
        events = await unit.events.after(0, 1000)
    assert [event.seq for event in events] == list(range(1, 201))
    numbers = {result.event.seq: result.message.number for result in results if result.event}
    assert [numbers[event.seq] for event in events] == list(range(1, 201))
    own = [[event.seq for event in node.heard] for node in (one, two)]
    assert [sorted(seqs) == seqs for seqs in own] == [True, True]
    assert sorted(own[0] + own[1]) == list(range(1, 201))

    await two.store.write(lambda unit: unit.events.append([EventDraft(EventKind.READ_MOVED, 0)]))
    async with asyncio.timeout(SECONDS):
        while await one.advanced.get() < 201:
            pass
    await one.store.close()
    await two.store.close()


async def test_what_a_node_knew_of_a_channel_counts_no_more_once_another_has_written(postgres_url: str) -> None:
    one, two = Node(postgres_url), Node(postgres_url)
    await asyncio.gather(one.store.open(), two.store.open())
    world, theirs = World(one.store), World(two.store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    written = [await each.post(channel, ann) for each in (world, world, theirs, world, world)]
    assert [message.number for message in written] == [1, 2, 3, 4, 5]

    await two.store.write(lambda unit: unit.channels.save(replace(channel, archived=True)))
    await two.store.write(lambda unit: unit.events.append([EventDraft(EventKind.CHANNEL_ARCHIVED, 0)]))

    with pytest.raises(Conflict):
        await one.store.append(world.draft(channel, ann))
    await one.store.close()
    await two.store.close()


async def test_repeated_sends_among_new_ones_break_nothing_that_was_prepared(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    await store.open()
    world = World(store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    for new in range(20):
        keys = [str(new), *(["0"] if new % 3 == 1 else [])]
        drafts = [world.draft(channel, ann, idempotency_key=key) for key in keys]
        written = await asyncio.gather(*(store.append(draft) for draft in drafts))
        assert written[0].message.number == new + 1
        assert all(each.message.number == 1 for each in written[1:])
    await store.close()


async def test_message_of_nobody_is_refused_and_others_of_its_batch_are_not(postgres_url: str) -> None:
    node = Node(postgres_url)
    await node.store.open()
    world = World(node.store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    await world.post(channel, ann)
    nobody = replace(ann, id=new_id(world.now))
    drafts = [world.draft(channel, author) for author in (ann, nobody, ann)]

    results = await asyncio.gather(*map(node.store.append, drafts), return_exceptions=True)

    assert [type(result) for result in results] == [Appended, Conflict, Appended]
    async with node.store.read() as unit:
        assert [each.number for each in await unit.messages.page(channel.id, 10)] == [1, 2, 3]
    await node.store.close()


async def test_reader_may_not_write(postgres_url: str) -> None:
    node = Node(postgres_url)
    await node.store.open()
    async with node.store.read() as unit:
        with pytest.raises(ReadOnly):
            await unit.events.append([EventDraft(EventKind.READ_MOVED, 0)])
    await node.store.close()


async def test_text_that_postgres_cannot_hold_fails_alone(postgres_url: str) -> None:
    node = Node(postgres_url)
    await node.store.open()
    world = World(node.store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    results = await asyncio.gather(
        *(node.store.append(world.draft(channel, ann, text)) for text in ("good", "b\x00d", "also good")),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Appended", "InvalidInput", "Appended"]
    assert isinstance(results[1], InvalidInput)
    await node.store.close()


@pytest.fixture
def own_cluster() -> Iterator[OwnCluster]:
    with Cluster.started(fsync=False) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.postgres
async def test_server_that_goes_away_is_unavailable_until_it_is_back(own_cluster: OwnCluster) -> None:
    node = Node(own_cluster.url)
    await node.store.open()
    world = World(node.store)
    ann, channel = await world.principal("ann"), await world.channel("general")
    await node.store.append(world.draft(channel, ann, "before"))

    await asyncio.to_thread(own_cluster.stop)
    with pytest.raises(Unavailable):
        await node.store.append(world.draft(channel, ann, "lost"))
    await asyncio.to_thread(own_cluster.start)

    appended = await node.store.append(world.draft(channel, ann, "after"))
    assert appended.message.number == 2
    with pytest.raises(Unavailable):  # the idle connections died with the server, and are replaced now
        async with node.store.read() as unit:
            await unit.events.head()
    async with node.store.read() as unit:
        assert [message.content for message in await unit.messages.page(channel.id, 10)] == ["before", "after"]
    await node.store.close()
