"""Tasks: work that is posted in a channel, claimed under a lease and finished with a result.

Whoever changes a task reads and writes it in one unit of work, in which the change's event and its line in the channel
are written too. The rules of a task's life are in `leases`.
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from airchat.protocol import limits
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import is_id
from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import DAY, SECOND
from hub.core import announcements, leases
from hub.core.addressing import Addressing
from hub.core.audit import Audit
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.gate import Gate, announce
from hub.core.offers import queue_offers
from hub.core.permissions import Action, allowed, require
from hub.core.places import Places
from hub.core.secrets import Secrets
from hub.core.task_changes import check_task_id, end_cancelled, find_task, give_back, log_task
from hub.core.task_fields import check_range, checked_dependencies, checked_tags
from hub.core.text import checked_line, checked_text
from store.ports.messages import Addressee, MessageDraft
from store.ports.store import Store
from store.ports.unit import Unit

_LEASE = range(10, DAY // SECOND + 1)
_ATTEMPTS = range(1, 101)
_PRIORITY = range(-1000, 1001)


@dataclass(frozen=True, slots=True)
class TaskPosted:
    """A new task and the message that offers it; `repeated` when the same idempotency key had made it before."""

    task: Task
    channel: Channel
    message: Message
    repeated: bool = False


class Tasks:
    """The changes in a task's life. Each raises NotFound when the actor may not know of the task."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        channels: Channels,
        *,
        gate: Gate | None = None,
        secrets: Secrets | None = None,
        shortest_lease: int = _LEASE[0],
    ) -> None:
        self._store = store
        self._leases = range(shortest_lease, _LEASE.stop)
        self._clock = clock
        self._places = Places(directory, channels)
        self._gate = gate or Gate(directory)
        self._secrets = secrets or Secrets(store, clock)
        self._addressing = Addressing(directory)

    async def create(
        self,
        actor: Principal,
        channel: str,
        title: str,
        *,
        body: str | None = None,
        tags: Sequence[str] = (),
        depends_on: Sequence[str] = (),
        priority: int = 0,
        lease_seconds: int = 300,
        max_attempts: int = 5,
        target: str | None = None,
        idempotency_key: str | None = None,
        source: str | None = None,
    ) -> TaskPosted:
        """Post a task in a channel, which is made if need be, and offer it to the agents who can do it.

        In `direct-messages` it is for `target`, and nobody else hears of it. `source` as in `Channels.join`.

        Raises:
            InvalidInput: a field breaks its rule.
            NotFound: the channel or a task it depends on is not there for the actor, or nobody has the target's name.
            Conflict: the channel is archived, the target deactivated, or the idempotency key was used for something
                else.
            Forbidden: the actor may not create tasks, or not write to the channel.
        """
        require(actor, Action.CREATE_TASKS)
        now = self._clock()
        check_range("priority", priority, _PRIORITY)
        check_range("lease_seconds", lease_seconds, self._leases)
        check_range("max_attempts", max_attempts, _ATTEMPTS)
        title = checked_line(title, "title", limits.TITLE_LENGTH)
        body = checked_text(body, "body", limits.TASK_BODY_LENGTH) if body and body.strip() else None
        needs, dependencies = checked_tags(tags), checked_dependencies(depends_on)
        place = await self._places.of(actor, channel, target, source=source)
        title = (await self._secrets.redact(place, title, limits.TITLE_LENGTH)).text
        body = (await self._secrets.redact(place, body, limits.TASK_BODY_LENGTH)).text if body else None
        task = Task(
            id=str(uuid.uuid4()),  # random, because people and agents tell tasks apart by the first eight digits
            channel_id=place.id,
            title=title,
            created_by=actor.id,
            created_at=now,
            body=body,
            tags=needs,
            depends_on=dependencies,
            priority=priority,
            max_attempts=max_attempts,
            lease_seconds=lease_seconds,
        )
        draft = await self._offer(actor, place, task, idempotency_key)
        return await self._store.write(lambda unit: _create(unit, actor, task, draft, self._gate))

    async def claim(self, actor: Principal, task_id: str) -> Task:
        """Claim an open task, or one whose lease has ended; one of many at the same time wins.

        Raises:
            Conflict: the task is not open, waits for others, or was given up after too many attempts.
            Forbidden: the actor may not work on tasks.
        """
        require(actor, Action.WORK_ON_TASKS)
        now = self._clock()

        async def claim(unit: Unit, task: Task, channel: Channel) -> Task:
            claimed = leases.claimed(task, actor.id, now)
            if waiting := await unit.tasks.unfinished(task.depends_on):
                raise Conflict(f"Task waits for unfinished tasks: {', '.join(waiting)}")
            if leases.lapsed(task, now):
                await log_task(
                    unit, EventKind.TASK_LAPSED, now, actor=None, task=leases.given_back(task), channel=channel
                )
            await unit.tasks.save(claimed)
            await unit.inbox.withdraw_task(task.id)
            await log_task(unit, EventKind.TASK_CLAIMED, now, actor=actor, task=claimed, channel=channel)
            return claimed

        return await self._change(actor, task_id, claim)

    async def renew(self, actor: Principal, task_id: str, fence: int) -> Task:
        """Give the holder its full lease again.

        Raises:
            StaleFence: the actor's claim has ended.
            Conflict, Forbidden: nobody or somebody else holds the task.
        """
        now = self._clock()

        async def renew(unit: Unit, task: Task, channel: Channel) -> Task:
            leases.check_holder(task, actor.id, fence, now, "renew")
            renewed = leases.renewed(task, now)
            await unit.tasks.save(renewed)
            await log_task(unit, EventKind.TASK_RENEWED, now, actor=actor, task=renewed, channel=channel)
            return renewed

        return await self._change(actor, task_id, renew)

    async def release(self, actor: Principal, task_id: str, fence: int | None = None) -> Task:
        """Give the task back. It is open again; after its last attempt it is cancelled. Errors as in `renew`."""
        now = self._clock()

        async def release(unit: Unit, task: Task, channel: Channel) -> Task:
            leases.check_holder(task, actor.id, fence, now, "release")
            return await give_back(
                unit, EventKind.TASK_RELEASED, now, actor=actor, task=task, channel=channel, gate=self._gate
            )

        return await self._change(actor, task_id, release)

    async def complete(self, actor: Principal, task_id: str, result: str, fence: int | None = None) -> Task:
        """Finish the task and post its result; tasks that waited only for it are offered.

        A repeated call with the fence and the same result returns the finished task.

        Raises:
            InvalidInput: the result is empty or too long.
            StaleFence, Conflict, Forbidden: as in `renew`.
        """
        result = checked_text(result, "result", limits.TASK_RESULT_LENGTH)
        now = self._clock()
        result, addressees = await self._told(actor, task_id, result, now)

        async def complete(unit: Unit, task: Task, channel: Channel) -> Task:
            if fence is not None and (task.claimed_by, task.fence, task.result) == (actor.id, fence, result):
                return task
            leases.check_holder(task, actor.id, fence, now, "complete")
            text, metadata = announcements.task_completed(task, result), announcements.task_metadata(task, "completed")
            line = announcements.draft(actor, channel, now, text, metadata=metadata, addressees=addressees)
            message_id = await announce(unit, line, actor, self._gate)
            completed = leases.completed(task, result, message_id, now)
            await unit.tasks.save(completed)
            await log_task(unit, EventKind.TASK_COMPLETED, now, actor=actor, task=completed, channel=channel)
            for waiting in await unit.tasks.waiting_for(task.id):
                place = await unit.channels.get(waiting.channel_id)
                if place is not None:
                    await queue_offers(unit, waiting, place, now, self._gate)
            return completed

        return await self._change(actor, task_id, complete)

    async def cancel(self, actor: Principal, task_id: str) -> Task:
        """End an open or claimed task without a result, and with it those that wait for it.

        Raises:
            Forbidden: the actor neither created the task nor is an admin.
            Conflict: the task is done or cancelled.
        """
        now = self._clock()

        async def cancel(unit: Unit, task: Task, channel: Channel) -> Task:
            if actor.id != task.created_by and not allowed(actor, Action.CANCEL_ANY_TASK):
                raise Forbidden("Only the creator can cancel a task")
            cancelled = leases.cancelled(task)
            await unit.tasks.save(cancelled)
            await end_cancelled(unit, now, actor=actor, task=cancelled, channel=channel)
            detail = {} if channel.direct else {"title": task.title}  # admins read it, and are no party
            await Audit.record(unit, now, actor.id, "task.cancelled", task.id, detail)
            return cancelled

        return await self._change(actor, task_id, cancel)

    async def _told(self, actor: Principal, task_id: str, result: str, now: int) -> tuple[str, tuple[Addressee, ...]]:
        """Return a result without secrets, and whom it is for: nobody in a direct channel with somebody deactivated."""
        check_task_id(task_id)
        async with self._store.read() as unit:
            _, channel = await find_task(unit, actor, task_id)
        result = (await self._secrets.redact(channel, result, limits.TASK_RESULT_LENGTH)).text
        try:
            return result, (await self._addressing.of(actor, channel, result, now)).addressees
        except Conflict:
            return result, ()

    async def _offer(self, actor: Principal, place: Channel, task: Task, idempotency_key: str | None) -> MessageDraft:
        """Return the message that tells of a new task."""
        text, now = announcements.task_created(task), task.created_at
        return announcements.draft(
            actor,
            place,
            now,
            text,
            metadata=announcements.task_metadata(task, "created"),
            idempotency_key=idempotency_key,
            addressees=(await self._addressing.of(actor, place, text, now)).addressees,
        )

    async def _change(
        self, actor: Principal, task_id: str, change: Callable[[Unit, Task, Channel], Awaitable[Task]]
    ) -> Task:
        check_task_id(task_id)

        async def work(unit: Unit) -> Task:
            return await change(unit, *await find_task(unit, actor, task_id))

        return await self._store.write(work)


async def _create(unit: Unit, actor: Principal, task: Task, draft: MessageDraft, gate: Gate) -> TaskPosted:
    earlier = await unit.messages.by_key(actor.id, draft.idempotency_key) if draft.idempotency_key else None
    if earlier:
        return await _repeated(unit, actor, earlier)
    for task_id in task.depends_on:
        try:
            needed, _ = await find_task(unit, actor, task_id)
        except NotFound as error:
            raise NotFound(f"depends_on names task {task_id}, which is not there") from error
        if needed.status is TaskStatus.CANCELLED:
            raise InvalidInput(f"depends_on names task {task_id}, which is cancelled", "depends_on")
    await unit.tasks.insert(task)
    passed = await gate.append(unit, actor, draft)
    await log_task(unit, EventKind.TASK_CREATED, task.created_at, actor=actor, task=task, channel=draft.channel)
    await queue_offers(unit, task, draft.channel, task.created_at, gate)
    return TaskPosted(task, draft.channel, passed.appended.message)


async def _repeated(unit: Unit, actor: Principal, message: Message) -> TaskPosted:
    task_id = message.metadata.get("task_id")
    if not is_id(task_id) or message.metadata.get("task_event") != "created":
        raise Conflict("The idempotency key was used for something else")
    task, channel = await find_task(unit, actor, str(task_id))
    return TaskPosted(task, channel, message, repeated=True)
