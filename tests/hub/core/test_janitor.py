import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.tasks import TaskStatus
from airchat.protocol.timestamps import SECOND
from hub.core.channels import Channels
from hub.core.directory import Directory
from hub.core.gate import Gate
from hub.core.janitor import Janitor
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_agent


@pytest.fixture
def janitor(store: Store, clock: FakeClock, directory: Directory) -> Janitor:
    return Janitor(store, clock, Gate(directory))


@pytest.fixture
async def ann(store: Store) -> Principal:
    return await add_agent(store, "ann")


async def kinds(store: Store) -> list[EventKind]:
    async with store.read() as unit:
        return [event.kind for event in await unit.events.after(0, 1000) if event.kind.startswith("task.")]


async def test_lapsed_lease_opens_the_task_again(
    janitor: Janitor, store: Store, clock: FakeClock, *, tasks: Tasks, lists: TaskLists, ann: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Fix it", lease_seconds=60)).task
    await tasks.claim(ann, task.id)
    clock.forward(60 * SECOND)
    assert await janitor.sweep() == 0
    clock.forward(1)
    assert await janitor.sweep() == 1
    assert await janitor.sweep() == 0
    swept = await lists.get(ann, task.id)
    assert (swept.status, swept.claimed_by, swept.fence) == (TaskStatus.OPEN, None, 1)
    assert await kinds(store) == [EventKind.TASK_CREATED, EventKind.TASK_CLAIMED, EventKind.TASK_LAPSED]


async def test_task_is_given_up_after_its_last_attempt_where_people_see_it(
    janitor: Janitor, store: Store, clock: FakeClock, *, tasks: Tasks, lists: TaskLists, ann: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Fix it", max_attempts=2)).task
    for swept_status in (TaskStatus.OPEN, TaskStatus.CANCELLED):
        await tasks.claim(ann, task.id)
        clock.forward(301 * SECOND)
        await janitor.sweep()
        assert (await lists.get(ann, task.id)).status is swept_status
    with pytest.raises(Conflict, match="Task is cancelled, not open"):
        await tasks.claim(ann, task.id)
    async with store.read() as unit:
        message = (await unit.messages.page(task.channel_id, 10))[-1]
    assert (message.author_name, message.content) == (
        "janitor",
        f"[task {task.id[:8]} cancelled] Fix it\nNobody finished it in 2 attempts.",
    )
    assert (await kinds(store))[-2:] == [EventKind.TASK_LAPSED, EventKind.TASK_CANCELLED]


async def test_last_attempt_cannot_be_followed_by_a_claim_before_the_sweep(
    clock: FakeClock, tasks: Tasks, ann: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Fix it", max_attempts=1)).task
    await tasks.claim(ann, task.id)
    clock.forward(301 * SECOND)
    with pytest.raises(Conflict, match="given up after 1 attempts"):
        await tasks.claim(ann, task.id)


async def test_janitor_stays_out_of_direct_channels(
    janitor: Janitor, store: Store, clock: FakeClock, *, tasks: Tasks, channels: Channels, ann: Principal
) -> None:
    bob = await add_agent(store, "bob")
    direct = await channels.direct_between(ann, bob)
    task = (await tasks.create(ann, direct.name, "Fix it", max_attempts=1)).task
    await tasks.claim(bob, task.id)
    clock.forward(301 * SECOND)
    assert await janitor.sweep() == 1
    async with store.read() as unit:
        members = {member.principal_id for member in await unit.channels.members(direct.id)}
    assert members == {ann.id, bob.id}


async def test_many_lapsed_tasks_are_swept_at_once(
    janitor: Janitor, store: Store, clock: FakeClock, tasks: Tasks, ann: Principal
) -> None:
    for number in range(250):
        await tasks.claim(ann, (await tasks.create(ann, "general", f"Task {number}")).task.id)
    clock.forward(301 * SECOND)
    assert await janitor.sweep() == 250
