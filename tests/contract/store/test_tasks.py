from dataclasses import replace
from typing import Any

from airchat.protocol.tasks import Task, TaskStatus
from store.ports.store import Store
from store.ports.tasks import TaskFilter
from tests.contract.store.world import World


async def find(store: Store, viewer_id: str, **wanted: Any) -> list[str]:
    """Return the titles of the tasks found."""
    async with store.read() as unit:
        return [task.title for task in await unit.tasks.find(TaskFilter(viewer_id, **wanted))]


async def save(store: Store, task: Task) -> None:
    await store.write(lambda unit: unit.tasks.save(task))


async def test_task_is_kept_as_it_was_made(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first, second = await world.task(channel, ann), await world.task(channel, ann)
    made = await world.task(
        channel,
        ann,
        "ümlaut",
        body="text",
        tags=("sql", "python"),
        depends_on=(second.id, first.id),
        priority=-3,
        max_attempts=2,
        lease_seconds=60,
    )
    async with store.read() as unit:
        assert await unit.tasks.get(made.id) == made
        assert await unit.tasks.get(world.id()) is None


async def test_save_replaces_what_changes_in_a_tasks_life(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    other = await world.task(channel, ann, "other")
    made = await world.task(channel, ann, tags=("sql",), depends_on=(other.id,))
    message = await world.post(channel, bob)
    wanted = replace(
        made,
        status=TaskStatus.DONE,
        priority=5,
        fence=3,
        attempts=4,
        lease_expires_at=world.tick(),
        claimed_by=bob.id,
        claimed_at=world.tick(),
        completed_at=world.tick(),
        result="done",
        result_message_id=message.id,
    )
    await save(store, replace(wanted, title="new title", body="new body", tags=("rust",), depends_on=()))
    async with store.read() as unit:
        assert await unit.tasks.get(made.id) == wanted
        assert await unit.tasks.get(other.id) == other
    assert await find(store, ann.id, tag="sql") == ["task"]
    assert await find(store, ann.id, tag="rust") == []


async def test_find_filters_and_lists_newest_first(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    general, other = await world.channel("general"), await world.channel("other")
    tasks = [
        await world.task(general, ann, "a", tags=("sql", "python")),
        await world.task(other, ann, "b", tags=("sql",)),
        await world.task(general, bob, "c"),
        await world.task(general, bob, "d", tags=("python",)),
    ]
    await save(store, replace(tasks[1], status=TaskStatus.CLAIMED, claimed_by=bob.id))
    await save(store, replace(tasks[2], status=TaskStatus.DONE, claimed_by=ann.id, completed_at=100))
    await save(store, replace(tasks[3], status=TaskStatus.DONE, claimed_by=ann.id, completed_at=200))

    assert await find(store, ann.id) == ["d", "c", "b", "a"]
    assert await find(store, ann.id, limit=2) == ["d", "c"]
    assert await find(store, ann.id, status=TaskStatus.DONE) == ["d", "c"]
    assert await find(store, ann.id, tag="sql") == ["b", "a"]
    assert await find(store, ann.id, channel_id=other.id) == ["b"]
    assert await find(store, ann.id, created_by=bob.id) == ["d", "c"]
    assert await find(store, ann.id, claimed_by=bob.id) == ["b"]
    assert await find(store, ann.id, completed_after=100) == ["d"]
    done, claimed = TaskStatus.DONE, TaskStatus.CLAIMED
    assert await find(store, ann.id, created_by=bob.id, status=done, completed_after=100) == ["d"]
    assert await find(store, ann.id, created_by=bob.id, status=done, completed_after=0, channel_id=other.id) == []
    assert await find(store, ann.id, claimed_by=bob.id, status=claimed) == ["b"]
    assert await find(store, ann.id, claimed_by=bob.id, status=claimed, tag="python") == []
    assert await find(store, ann.id, claimed_by=ann.id, channel_id=general.id, tag="python") == ["d"]
    assert await find(store, ann.id, created_by=ann.id, tag="sql", status=TaskStatus.OPEN) == ["a"]


async def test_tasks_of_direct_channels_are_listed_to_their_members_only(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    public, direct = await world.channel("general"), await world.direct(ann, bob)
    await world.task(public, ann, "public", tags=("sql",))
    await world.task(direct, ann, "secret", tags=("sql",))
    for wanted in ({}, {"tag": "sql"}, {"created_by": ann.id}, {"matching": ("sql",)}, {"status": TaskStatus.OPEN}):
        assert sorted(await find(store, bob.id, **wanted)) == ["public", "secret"]
        assert await find(store, cat.id, **wanted) == ["public"]
    assert await find(store, cat.id, channel_id=direct.id) == []


async def test_offers_match_tags_and_come_by_priority_then_age(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    for title, priority, tags in (
        ("old", 0, ("sql",)),
        ("for nobody", 9, ("cobol",)),
        ("urgent", 5, ("rust", "sql")),
        ("for all", 0, ()),
        ("urgent too", 5, ("python",)),
        ("later", -1, ()),
    ):
        await world.task(channel, ann, title, priority=priority, tags=tags)
    claimed = await world.task(channel, ann, "claimed")
    await save(store, replace(claimed, status=TaskStatus.CLAIMED, claimed_by=ann.id))

    offers = await find(store, ann.id, matching=("sql", "python"))
    assert offers == ["urgent", "urgent too", "old", "for all", "later"]
    assert await find(store, ann.id, matching=("sql", "python"), limit=2) == ["urgent", "urgent too"]
    assert await find(store, ann.id, matching=()) == ["for all", "later"]


async def test_offers_wait_for_all_dependencies(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first, second = await world.task(channel, ann, "first"), await world.task(channel, ann, "second")
    last = await world.task(channel, ann, "last", depends_on=(first.id, second.id))

    assert await find(store, ann.id, matching=()) == ["first", "second"]
    async with store.read() as unit:
        assert sorted(await unit.tasks.unfinished(last.depends_on)) == sorted([first.id, second.id])
        assert await unit.tasks.waiting_for(first.id) == [last]
        assert await unit.tasks.waiting_for(last.id) == []

    await save(store, replace(first, status=TaskStatus.DONE))
    await save(store, replace(second, status=TaskStatus.CANCELLED))
    assert await find(store, ann.id, matching=()) == []
    async with store.read() as unit:
        assert await unit.tasks.unfinished(last.depends_on) == [second.id]
        assert await unit.tasks.unfinished([]) == []

    await save(store, replace(second, status=TaskStatus.DONE))
    assert await find(store, ann.id, matching=()) == ["last"]


async def test_waiting_for_lists_open_tasks_oldest_first(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first, other = await world.task(channel, ann, "first"), await world.task(channel, ann, "other")
    waiting = [await world.task(channel, ann, str(number), depends_on=(first.id,)) for number in range(3)]
    await world.task(channel, ann, "elsewhere", depends_on=(other.id,))
    await save(store, replace(waiting[1], status=TaskStatus.CANCELLED))
    async with store.read() as unit:
        assert await unit.tasks.waiting_for(first.id) == [waiting[0], waiting[2]]


async def test_lapsed_gives_claimed_tasks_whose_lease_ended(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")

    async def leased(title: str, status: TaskStatus, until: int | None) -> Task:
        task = await world.task(channel, ann, title)
        changed = replace(task, status=status, claimed_by=ann.id, lease_expires_at=until)
        await save(store, changed)
        return changed

    late = await leased("late", TaskStatus.CLAIMED, 90)
    early = await leased("early", TaskStatus.CLAIMED, 50)
    await leased("just now", TaskStatus.CLAIMED, 100)
    await leased("held", TaskStatus.CLAIMED, 150)
    await leased("done", TaskStatus.DONE, 50)
    await leased("open", TaskStatus.OPEN, None)
    async with store.read() as unit:
        lapsed = await unit.tasks.lapsed(100, 10)
        assert sorted(lapsed, key=lambda task: task.title) == [early, late]
        assert len(await unit.tasks.lapsed(100, 1)) == 1
        assert await unit.tasks.lapsed(50, 10) == []
