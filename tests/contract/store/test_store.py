import asyncio
import json

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.principals import Principal
from store.errors import ReadOnly
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


def changed(world: World, subject: str) -> EventDraft:
    return EventDraft(kind=EventKind.PRINCIPAL_CHANGED, created_at=world.now, subject_id=subject)


async def log(store: Store) -> list[Event]:
    async with store.read() as unit:
        return await unit.events.after(0, 10_000)


async def test_write_returns_the_result_and_keeps_the_rows(store: Store, world: World) -> None:
    async def work(unit: Unit) -> str:
        found = await unit.principals.by_name("ann")
        assert found is not None
        await unit.principals.set_status(found.id, "busy", found.created_at)
        changed = await unit.principals.get(found.id)
        assert changed is not None
        return str(changed.status)

    ann = await world.principal("ann")
    assert await store.write(work) == "busy"
    async with store.read() as unit:
        kept = await unit.principals.get(ann.id)
    assert kept is not None
    assert kept.status == "busy"


async def test_write_that_fails_leaves_nothing_and_raises_its_own_error(
    store: Store, world: World, heard: list[list[Event]]
) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    await world.post(channel, ann, "kept")
    told = list(heard)

    async def work(unit: Unit) -> None:
        await unit.principals.set_status(ann.id, "going", world.now)
        await unit.principals.set_status(ann.id, "gone", world.now)
        await unit.channels.leave(channel.id, ann.id)
        await unit.messages.append([world.draft(channel, ann, "lost")])
        await unit.events.append([changed(world, ann.id)])
        raise Conflict("changed my mind")

    with pytest.raises(Conflict, match="changed my mind"):
        await store.write(work)

    async with store.read() as unit:
        assert await unit.principals.get(ann.id) == ann
        assert [message.content for message in await unit.messages.page(channel.id, 10)] == ["kept"]
        assert [row.principal_id for row in await unit.channels.members(channel.id)] == [ann.id]
        assert await unit.events.head() == 1
    assert heard == told


async def test_one_failing_use_case_hurts_no_other_and_leaves_no_gap(
    store: Store, world: World, heard: list[list[Event]]
) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")

    async def work(unit: Unit, number: int) -> int:
        appended = await unit.messages.append([world.draft(channel, ann, str(number))])
        if number % 3 == 0:
            raise Conflict(f"{number} fails")
        return appended[0].message.number

    results = await asyncio.gather(
        *(store.write(lambda unit, number=number: work(unit, number)) for number in range(60)),  # type: ignore[misc]
        return_exceptions=True,
    )

    failed = [str(result) for result in results if isinstance(result, Conflict)]
    assert failed == [f"{number} fails" for number in range(0, 60, 3)]
    assert sorted(result for result in results if isinstance(result, int)) == list(range(1, 41))
    async with store.read() as unit:
        page = await unit.messages.page(channel.id, 100)
    assert [message.number for message in page] == list(range(1, 41))
    assert sorted(int(message.content) for message in page) == [number for number in range(60) if number % 3]
    events = await log(store)
    assert [event.seq for event in events] == list(range(1, 41))
    assert [event for batch in heard for event in batch] == events


async def test_two_hundred_appends_and_works_at_once(store: Store, world: World, heard: list[list[Event]]) -> None:
    ann = await world.principal("ann")
    bob = await world.principal("bob")
    channels = [await world.channel(f"room-{number}") for number in range(4)]

    async def work(unit: Unit, author: Principal, number: int) -> str:
        await unit.principals.set_status(author.id, str(number), world.now)
        await unit.events.append([changed(world, author.id)])
        return str(number)

    appends = [store.append(world.draft(channels[n % 4], (ann, bob)[n % 2], f"text {n}")) for n in range(200)]
    works = [store.write(lambda unit, n=n: work(unit, (ann, bob)[n % 2], n)) for n in range(200)]  # type: ignore[misc]
    appended, worked = await asyncio.gather(asyncio.gather(*appends), asyncio.gather(*works))

    assert worked == [str(number) for number in range(200)]
    assert [one.message.content for one in appended] == [f"text {number}" for number in range(200)]
    for channel in channels:
        numbers = [one.message.number for one in appended if one.message.channel_id == channel.id]
        assert sorted(numbers) == list(range(1, 51))
        async with store.read() as unit:
            now = await unit.channels.get(channel.id)
        assert now is not None
        assert now.last_number == 50
    events = await log(store)
    assert [event.seq for event in events] == list(range(1, 401))
    assert [event for batch in heard for event in batch] == events
    created = {event.subject_id: event for event in events if event.kind is EventKind.MESSAGE_CREATED}
    assert [one.event for one in appended] == [created[one.message.id] for one in appended]


async def test_bad_appends_in_a_crowd_fail_alone(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    drafts = [
        world.draft(channel, ann, str(number), parent_id=world.id() if number % 5 == 0 else None)
        for number in range(50)
    ]

    results = await asyncio.gather(*map(store.append, drafts), return_exceptions=True)

    assert [type(result).__name__ for result in results] == [
        "NotFound" if number % 5 == 0 else "Appended" for number in range(50)
    ]
    async with store.read() as unit:
        page = await unit.messages.page(channel.id, 100)
    assert [message.number for message in page] == list(range(1, 41))
    assert {message.content for message in page} == {str(number) for number in range(50) if number % 5}
    assert [json.loads(event.data)["number"] for event in await log(store)] == list(range(1, 41))


async def test_listener_hears_each_commit_before_its_writer_is_answered(
    store: Store, world: World, heard: list[list[Event]]
) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    assert heard == []  # nothing logged, nothing to tell

    appended = await store.append(world.draft(channel, ann))
    assert heard == [[appended.event]]

    async def work(unit: Unit) -> list[Event]:
        return [*await unit.events.append([changed(world, "a")]), *await unit.events.append([changed(world, "b")])]

    logged = await store.write(work)
    assert heard == [[appended.event], logged]
    assert [event.seq for event in logged] == [2, 3]


async def test_snapshot_does_not_see_later_commits(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    await world.post(channel, ann, "first")

    async with store.read() as unit:
        before = await unit.messages.page(channel.id, 10)
        await world.post(channel, ann, "second")
        await world.join(await world.channel("later"), ann)
        assert await unit.messages.page(channel.id, 10) == before
        assert await unit.events.head() == 1
        assert [row.name for row in await unit.channels.all()] == ["general"]

    async with store.read() as unit:
        assert [message.content for message in await unit.messages.page(channel.id, 10)] == ["first", "second"]
        assert [row.name for row in await unit.channels.all()] == ["general", "later"]


async def test_snapshot_cannot_be_written_to(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    with pytest.raises(ReadOnly):
        async with store.read() as unit:
            await unit.principals.set_status(ann.id, "sneaky", world.now)
    async with store.read() as unit:
        assert await unit.principals.get(ann.id) == ann


async def test_look_ups_of_many_answer_each_their_own_and_fail_alone(store: Store, world: World) -> None:
    people = [await world.principal(f"person-{number}") for number in range(10)]

    async def look(unit: Unit, number: int) -> str | None:
        if number % 4 == 0:
            raise Conflict("not this one")
        found = await unit.principals.get(people[number % 10].id)
        return found.name if found is not None else None

    looks = (store.look_up(lambda unit, n=n: look(unit, n)) for n in range(40))  # type: ignore[misc]
    found = await asyncio.gather(*looks, return_exceptions=True)

    assert [number for number in range(40) if isinstance(found[number], Conflict)] == list(range(0, 40, 4))
    assert [found[n] for n in range(40) if n % 4] == [f"person-{n % 10}" for n in range(40) if n % 4]


async def test_look_up_sees_what_was_committed_before_it_was_asked(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    under_way = [asyncio.ensure_future(store.look_up(lambda unit: unit.events.head())) for _ in range(3)]
    for number in range(1, 20):
        await world.post(channel, ann, str(number))
        assert await store.look_up(lambda unit: unit.events.head()) == number
    assert all(head <= 19 for head in await asyncio.gather(*under_way))


async def test_look_up_cannot_write_and_harms_nobody_when_it_tries(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    sneaky = store.look_up(lambda unit: unit.principals.set_status(ann.id, "sneaky", world.now))
    honest = store.look_up(lambda unit: unit.principals.get(ann.id))
    failed, found = await asyncio.gather(sneaky, honest, return_exceptions=True)
    assert isinstance(failed, ReadOnly)
    assert found == ann
    assert await store.look_up(lambda unit: unit.principals.get(ann.id)) == ann


async def test_look_up_whose_caller_leaves_keeps_nobody_waiting(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    gone = asyncio.ensure_future(store.look_up(lambda unit: unit.principals.get(ann.id)))
    stays = asyncio.ensure_future(store.look_up(lambda unit: unit.principals.get(ann.id)))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == ann
    assert await store.look_up(lambda unit: unit.principals.get(ann.id)) == ann


async def test_many_readers_at_once_while_others_write(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")

    async def look() -> bool:
        async with store.read() as unit:
            head = await unit.events.head()
            await asyncio.sleep(0)
            page = await unit.messages.page(channel.id, 1_000)
            return [message.number for message in page] == list(range(1, head + 1))

    writes = [store.append(world.draft(channel, ann, str(number))) for number in range(100)]
    looks, _ = await asyncio.gather(asyncio.gather(*(look() for _ in range(50))), asyncio.gather(*writes))
    assert looks == [True] * 50
