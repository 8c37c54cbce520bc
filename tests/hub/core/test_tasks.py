import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound, StaleFence
from airchat.protocol.events import Event, EventKind
from airchat.protocol.inbox import InboxItem, InboxKind
from airchat.protocol.principals import Principal, Role
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import SECOND
from hub.core.channels import Channels
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from store.ports.store import Store
from store.ports.unit import Unit
from tests.hub.core.fakes import START, FakeClock, add_agent, add_principal


@pytest.fixture
async def ann(store: Store) -> Principal:
    return await add_agent(store, "ann")


@pytest.fixture
async def bob(store: Store) -> Principal:
    return await add_agent(store, "bob", "rust")


@pytest.fixture
async def task(tasks: Tasks, ann: Principal) -> Task:
    return (await tasks.create(ann, "general", "Fix it")).task


async def refused(work: Awaitable[object]) -> tuple[type[HubError], str]:
    with pytest.raises(HubError) as error:
        await work
    return type(error.value), str(error.value)


async def events(store: Store, kind: EventKind) -> list[Event]:
    async with store.read() as unit:
        return [event for event in await unit.events.after(0, 10_000) if event.kind is kind]


async def texts(store: Store, channel_id: str) -> list[str]:
    async with store.read() as unit:
        return [message.content for message in await unit.messages.page(channel_id, 100)]


async def inbox(store: Store, principal: Principal) -> list[InboxItem]:
    async with store.read() as unit:
        return await unit.inbox.pending(principal.id, 100)


async def test_new_task_is_announced_by_its_creator(store: Store, tasks: Tasks, ann: Principal) -> None:
    posted = await tasks.create(ann, "general", " Fix\nit ", body=" now ", tags=["Rust", "web", "rust"])
    task, message = posted.task, posted.message
    assert (task.title, task.body, task.tags, task.status) == ("Fix it", "now", ("rust", "web"), TaskStatus.OPEN)
    assert message.content.splitlines()[0] == f"[task {task.id[:8]}] Fix it \u2014 needs: rust, web"
    assert (message.author_id, message.metadata) == (ann.id, {"task_id": task.id, "task_event": "created"})
    [event] = await events(store, EventKind.TASK_CREATED)
    assert (event.channel_id, event.subject_id, json.loads(event.data)["title"]) == (task.channel_id, task.id, "Fix it")


async def test_task_made_again_with_its_key_is_the_first_one(tasks: Tasks, lists: TaskLists, ann: Principal) -> None:
    first = await tasks.create(ann, "general", "Fix it", idempotency_key="k")
    again = await tasks.create(ann, "general", "Fix it", idempotency_key="k")
    assert (again.task, again.message, again.repeated) == (first.task, first.message, True)
    assert len(await lists.list(ann)) == 1


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("title", " \n", "title"),
        ("title", "x" * 201, "title"),
        ("title", "\U0001f600" * 101, "title"),
        ("title", "a\0b", "title"),
        ("title", "\ud800", "title"),
        ("body", "x" * 8001, "body"),
        ("tags", ["Not a tag"], "capability_tags"),
        ("tags", ["a"] * 11, "capability_tags"),
        ("depends_on", ["x"], "depends_on"),
        ("priority", 1001, "priority"),
        ("lease_seconds", 9, "lease_seconds"),
        ("lease_seconds", 86_401, "lease_seconds"),
        ("max_attempts", 0, "max_attempts"),
    ],
)
async def test_rules_of_a_new_task_name_the_field(
    store: Store, tasks: Tasks, ann: Principal, *, field: str, value: object, named: str
) -> None:
    arguments: dict[str, object] = {"title": "Fix it", field: value}
    with pytest.raises(InvalidInput) as error:
        await tasks.create(ann, "general", **arguments)  # type: ignore[arg-type]
    assert error.value.field == named
    assert await events(store, EventKind.CHANNEL_CREATED) == []


async def test_claim_is_won_by_one_of_fifty(store: Store, tasks: Tasks, lists: TaskLists, task: Task) -> None:
    workers = [await add_agent(store, f"worker-{number}") for number in range(50)]
    results = await asyncio.gather(*(tasks.claim(worker, task.id) for worker in workers), return_exceptions=True)
    [won] = [result for result in results if isinstance(result, Task)]
    assert [str(result) for result in results if isinstance(result, Conflict)] == ["Task is claimed, not open"] * 49
    assert (won.status, won.fence, won.attempts) == (TaskStatus.CLAIMED, 1, 1)
    assert (await lists.get(workers[0], task.id)) == won
    assert len(await events(store, EventKind.TASK_CLAIMED)) == 1


async def test_result_is_posted_and_linked(store: Store, tasks: Tasks, task: Task, bob: Principal) -> None:
    await tasks.claim(bob, task.id)
    done = await tasks.complete(bob, task.id, " All good. ")
    assert (done.status, done.result, done.claimed_by) == (TaskStatus.DONE, "All good.", bob.id)
    assert (await texts(store, task.channel_id))[-1] == f"[task {task.id[:8]} done] Fix it\nAll good."
    async with store.read() as unit:
        message = await unit.messages.get(done.result_message_id or "")
    assert message is not None
    assert (message.author_id, message.metadata) == (bob.id, {"task_id": task.id, "task_event": "completed"})


async def test_long_result_is_kept_whole_and_shown_cut(store: Store, tasks: Tasks, task: Task, bob: Principal) -> None:
    await tasks.claim(bob, task.id)
    done = await tasks.complete(bob, task.id, "\U0001f600" * 16_000)
    assert len(done.result or "") == 16_000
    shown = (await texts(store, task.channel_id))[-1]
    assert (len(shown.encode("utf-16-le")) // 2 <= 32_000, shown[-1]) == (True, "\u2026")


async def test_completing_asks_for_a_result_first(tasks: Tasks, task: Task, ann: Principal) -> None:
    assert await refused(tasks.complete(ann, task.id, " ")) == (InvalidInput, "result is required")
    too_long = (await refused(tasks.complete(ann, task.id, "x" * 32_001)))[0]
    assert too_long is InvalidInput


async def test_only_the_claimant_completes(tasks: Tasks, task: Task, ann: Principal, bob: Principal) -> None:
    assert await refused(tasks.complete(bob, task.id, "r")) == (Conflict, "Task is open, not claimed")
    await tasks.claim(bob, task.id)
    assert await refused(tasks.complete(ann, task.id, "r")) == (Forbidden, "Only the claimant can complete a task")
    await tasks.complete(bob, task.id, "r")
    assert await refused(tasks.complete(bob, task.id, "r")) == (Conflict, "Task is done, not claimed")
    assert await refused(tasks.claim(bob, task.id)) == (Conflict, "Task is done, not open")


async def test_completing_again_with_the_fence_returns_the_same(
    store: Store, tasks: Tasks, task: Task, bob: Principal
) -> None:
    fence = (await tasks.claim(bob, task.id)).fence
    done = await tasks.complete(bob, task.id, "r", fence)
    assert await tasks.complete(bob, task.id, "r", fence) == done
    assert (await refused(tasks.complete(bob, task.id, "other", fence)))[0] is Conflict
    assert len(await texts(store, task.channel_id)) == 2


async def test_stale_holder_writes_nothing_once_another_claimed(
    tasks: Tasks, task: Task, ann: Principal, bob: Principal, clock: FakeClock
) -> None:
    stale = await tasks.claim(ann, task.id)
    clock.forward(300 * SECOND)
    current = await tasks.claim(bob, task.id)
    assert (current.fence, current.attempts, current.claimed_by) == (2, 2, bob.id)
    for work in (
        tasks.complete(ann, task.id, "r", stale.fence),
        tasks.renew(ann, task.id, stale.fence),
        tasks.release(ann, task.id, stale.fence),
        tasks.complete(bob, task.id, "r", stale.fence),
    ):
        assert (await refused(work))[0] is StaleFence
    assert (await refused(tasks.complete(ann, task.id, "r")))[0] is Forbidden
    assert (await tasks.complete(bob, task.id, "r", current.fence)).result == "r"
    assert (await refused(tasks.complete(ann, task.id, "late", stale.fence)))[0] is StaleFence


async def test_lapsed_holder_writes_nothing_though_nobody_noticed(
    tasks: Tasks, task: Task, ann: Principal, clock: FakeClock
) -> None:
    fence = (await tasks.claim(ann, task.id)).fence
    clock.forward(300 * SECOND - 1)
    assert (await tasks.renew(ann, task.id, fence)).lease_expires_at == clock() + 300 * SECOND
    clock.forward(300 * SECOND)
    for work in (
        tasks.complete(ann, task.id, "r", fence),
        tasks.complete(ann, task.id, "r"),
        tasks.renew(ann, task.id, fence),
        tasks.release(ann, task.id),
    ):
        assert await refused(work) == (StaleFence, "The lease on the task has ended; claim it again")


async def test_released_task_is_open_and_its_old_claim_dead(
    store: Store, tasks: Tasks, task: Task, ann: Principal, bob: Principal
) -> None:
    fence = (await tasks.claim(ann, task.id)).fence
    released = await tasks.release(ann, task.id, fence)
    assert (released.status, released.claimed_by, released.lease_expires_at) == (TaskStatus.OPEN, None, None)
    assert (await refused(tasks.complete(ann, task.id, "r", fence)))[0] is StaleFence
    assert (await tasks.claim(bob, task.id)).fence == fence + 1
    assert len(await events(store, EventKind.TASK_RELEASED)) == 1


async def test_last_attempt_given_back_cancels_the_task(
    store: Store, tasks: Tasks, ann: Principal, bob: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Fix it", max_attempts=1)).task
    await tasks.claim(bob, task.id)
    assert (await tasks.release(bob, task.id)).status is TaskStatus.CANCELLED
    assert (await texts(store, task.channel_id))[-1].startswith(f"[task {task.id[:8]} cancelled] Fix it\n")


async def test_dependencies_gate_claims_and_offers(
    store: Store, tasks: Tasks, *, lists: TaskLists, task: Task, ann: Principal, bob: Principal
) -> None:
    other = (await tasks.create(ann, "general", "And this")).task
    last = (await tasks.create(ann, "general", "Then", tags=["rust"], depends_on=[task.id, other.id])).task
    answer = f"Task waits for unfinished tasks: {task.id}, {other.id}"
    assert await refused(tasks.claim(bob, last.id)) == (Conflict, answer)
    assert last not in (await lists.offers_for(bob)).open_matching
    for needed in (task, other):
        assert await inbox(store, bob) == []
        await tasks.claim(bob, needed.id)
        await tasks.complete(bob, needed.id, "r")
    assert [item.task_id for item in await inbox(store, bob)] == [last.id]
    assert (await tasks.claim(bob, last.id)).status is TaskStatus.CLAIMED


async def test_cancelled_dependency_cancels_what_waits_for_it(
    store: Store, tasks: Tasks, *, lists: TaskLists, task: Task, ann: Principal, bob: Principal
) -> None:
    left = (await tasks.create(ann, "general", "Left", depends_on=[task.id])).task
    right = (await tasks.create(bob, "general", "Right", depends_on=[task.id])).task
    last = (await tasks.create(bob, "general", "Last", depends_on=[left.id, right.id])).task
    await tasks.cancel(ann, task.id)
    for waiting, reasons in ((left, [task]), (right, [task]), (last, [left, right])):
        ended = await lists.get(ann, waiting.id)
        assert ended.status is TaskStatus.CANCELLED
        assert ended.result in {f"It waited for task {reason.id}, which was cancelled." for reason in reasons}
    logged = await events(store, EventKind.TASK_CANCELLED)
    assert {event.subject_id for event in logged} == {task.id, left.id, right.id, last.id}
    assert [event.actor_id for event in logged] == [ann.id, None, None, None]
    refusal = InvalidInput, f"depends_on names task {task.id}, which is cancelled"
    assert await refused(tasks.create(ann, "general", "Then", depends_on=[task.id])) == refusal


async def test_task_given_up_cancels_what_waits_for_it(
    tasks: Tasks, lists: TaskLists, ann: Principal, bob: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Fix it", max_attempts=1)).task
    waiting = (await tasks.create(ann, "general", "Then", depends_on=[task.id])).task
    await tasks.claim(bob, task.id)
    await tasks.release(bob, task.id)
    assert (await lists.get(ann, waiting.id)).status is TaskStatus.CANCELLED


async def test_offer_is_withdrawn_when_claimed_and_made_again_when_given_back(
    store: Store, tasks: Tasks, ann: Principal, bob: Principal
) -> None:
    cat = await add_agent(store, "cat", "rust")
    task = (await tasks.create(ann, "general", "Fix it", tags=["rust"])).task
    [offer] = await inbox(store, bob)
    await store.write(lambda unit: unit.inbox.ack(bob.id, [offer.id], START))
    await tasks.claim(cat, task.id)
    assert (await inbox(store, bob), await inbox(store, cat)) == ([], [])
    await tasks.release(cat, task.id)
    assert [item.task_id for item in await inbox(store, bob)] == [task.id]
    await tasks.cancel(ann, task.id)
    assert await inbox(store, bob) == []


async def test_dependency_must_exist_for_the_creator(tasks: Tasks, ann: Principal) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    told = f"depends_on names task {missing}, which is not there"
    assert await refused(tasks.create(ann, "general", "Then", depends_on=[missing])) == (NotFound, told)


async def test_task_is_cancelled_by_creator_or_admin(
    store: Store, tasks: Tasks, task: Task, ann: Principal, bob: Principal
) -> None:
    admin = await add_principal(store, "root", Role.ADMIN)
    await tasks.claim(bob, task.id)
    assert await refused(tasks.cancel(bob, task.id)) == (Forbidden, "Only the creator can cancel a task")
    assert (await tasks.cancel(ann, task.id)).status is TaskStatus.CANCELLED
    assert (await refused(tasks.complete(bob, task.id, "r", 1)))[0] is Conflict
    assert (await refused(tasks.cancel(ann, task.id)))[0] is Conflict
    other = (await tasks.create(ann, "general", "Other")).task
    assert (await tasks.cancel(admin, other.id)).status is TaskStatus.CANCELLED


async def test_audit_names_no_task_between_two(
    store: Store, tasks: Tasks, channels: Channels, ann: Principal, bob: Principal
) -> None:
    private = await channels.direct_between(ann, bob)
    for channel in (private.name, "general"):
        await tasks.cancel(ann, (await tasks.create(ann, channel, "Our plan")).task.id)
    async with store.read() as unit:
        assert [entry.detail for entry in await unit.audit.page(None, 2)] == [{"title": "Our plan"}, {}]


async def test_offers_go_to_agents_with_a_tag_of_the_task(store: Store, tasks: Tasks, bob: Principal) -> None:
    cat = await add_agent(store, "cat", "rust", "web")
    dan = await add_agent(store, "dan", "cobol")
    task = (await tasks.create(cat, "general", "Fix it", tags=["web", "rust"])).task
    assert [(item.task_id, item.channel_id) for item in await inbox(store, bob)] == [(task.id, task.channel_id)]
    assert (await inbox(store, cat), await inbox(store, dan)) == ([], [])
    assert [event.recipient_id for event in await events(store, EventKind.INBOX_QUEUED)] == [bob.id]


async def test_offers_are_by_priority_and_work_tells_of_results(
    tasks: Tasks, lists: TaskLists, ann: Principal, bob: Principal, clock: FakeClock
) -> None:
    low = (await tasks.create(ann, "general", "Low", priority=-1)).task
    plain = (await tasks.create(ann, "general", "Plain", tags=["rust"])).task
    high = (await tasks.create(ann, "general", "High", priority=5)).task
    await tasks.create(ann, "general", "Not for bob", tags=["cobol"])
    assert (await lists.offers_for(bob)).open_matching == [high, plain, low]
    claimed = await tasks.claim(bob, high.id)
    assert (await lists.offers_for(bob)).mine_claimed == [claimed]
    clock.forward(SECOND)
    done = await tasks.complete(bob, high.id, "r")
    assert (await lists.work(ann, START)).completed_for_me == [done]
    assert (await lists.work(ann, clock())).completed_for_me == []


async def test_lists_are_filtered(
    tasks: Tasks, lists: TaskLists, ann: Principal, bob: Principal, clock: FakeClock
) -> None:
    first = (await tasks.create(ann, "general", "One", tags=["web"])).task
    clock.forward(1)
    second = (await tasks.create(bob, "project-x", "Two")).task
    third = await tasks.claim(bob, first.id)
    assert await lists.list(ann) == [second, third]
    assert await lists.list(ann, limit=1) == [second]
    assert await lists.list(ann, mine="either") == [third]
    assert await lists.list(bob, mine="either") == [second, third]
    assert await lists.list(ann, channel="project-x") == [second]
    assert await lists.list(ann, tag="web") == [third]
    assert await lists.list(ann, status=TaskStatus.OPEN) == [second]
    assert (await refused(lists.list(ann, channel="nowhere")))[0] is NotFound
    assert (await refused(lists.list(ann, tag="NO")))[0] is InvalidInput


async def test_tasks_of_direct_channels_are_for_their_two_parties(
    store: Store, tasks: Tasks, *, lists: TaskLists, channels: Channels, ann: Principal, bob: Principal
) -> None:
    eve = await add_agent(store, "eve", "rust")
    direct = await channels.direct_between(ann, bob)
    task = (await tasks.create(ann, direct.name, "Secret", tags=["rust"])).task
    assert await refused(lists.get(eve, task.id)) == (NotFound, "Task not found")
    assert await refused(tasks.claim(eve, task.id)) == (NotFound, "Task not found")
    assert (await lists.list(eve), (await lists.offers_for(eve)).open_matching) == ([], [])
    kinds = {item.kind for item in await inbox(store, bob)}
    assert (await inbox(store, eve), kinds) == ([], {InboxKind.DIRECT, InboxKind.TASK})
    assert (await tasks.claim(bob, task.id)).claimed_by == bob.id


async def test_guests_neither_make_nor_take_tasks(store: Store, tasks: Tasks, lists: TaskLists, task: Task) -> None:
    guest = await add_principal(store, "gus", Role.GUEST)
    assert (await refused(tasks.create(guest, "general", "Mine")))[0] is Forbidden
    assert (await refused(tasks.claim(guest, task.id)))[0] is Forbidden
    assert await refused(lists.get(guest, task.id)) == (NotFound, "Task not found")
    assert await lists.list(guest) == []


async def test_archived_channel_takes_results_without_a_line(
    store: Store, tasks: Tasks, task: Task, bob: Principal
) -> None:
    await tasks.claim(bob, task.id)

    async def archive(unit: Unit) -> None:
        channel = await unit.channels.get(task.channel_id)
        assert channel is not None
        await unit.channels.save(replace(channel, archived=True))

    await store.write(archive)
    done = await tasks.complete(bob, task.id, "r")
    assert (done.result, done.result_message_id) == ("r", None)


@pytest.mark.parametrize("task_id", ["", "x", "00000000-0000-4000-8000-00000000000A", "\0"])
async def test_ids_are_checked(tasks: Tasks, lists: TaskLists, ann: Principal, task_id: str) -> None:
    for work in (lists.get(ann, task_id), tasks.claim(ann, task_id), tasks.cancel(ann, task_id)):
        assert (await refused(work))[0] is InvalidInput


async def test_mentions_in_title_and_result_reach_the_mentioned(
    store: Store, tasks: Tasks, ann: Principal, bob: Principal
) -> None:
    task = (await tasks.create(ann, "general", "Help @bob")).task
    await tasks.claim(bob, task.id)
    await tasks.complete(bob, task.id, "Done, @ann")
    for mentioned in (ann, bob):
        async with store.read() as unit:
            assert len(await unit.messages.mentions_of(mentioned.id, unread_only=True, limit=10)) == 1
