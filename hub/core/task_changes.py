"""Parts that the use-cases of tasks share, each for use within a unit of work."""

from dataclasses import replace

from airchat.protocol.channels import Channel
from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import is_id
from airchat.protocol.principals import Principal
from airchat.protocol.rows import task_row
from airchat.protocol.tasks import Task, TaskStatus
from hub.core import announcements, leases
from hub.core.gate import Gate, announce
from hub.core.offers import queue_offers
from hub.core.permissions import may_see
from store.ports.unit import Unit


def check_task_id(task_id: str) -> None:
    """Do nothing when the text is an id.

    Raises:
        InvalidInput: it is none.
    """
    if not is_id(task_id):
        raise InvalidInput("Invalid task id (expected UUID)", "task_id")


async def find_task(unit: Unit, actor: Principal, task_id: str) -> tuple[Task, Channel]:
    """Return the task and its channel.

    Raises:
        NotFound: there is none, or the actor may not see its channel.
    """
    task = await unit.tasks.get(task_id)
    channel = await unit.channels.get(task.channel_id) if task else None
    if task is None or channel is None or not await may_see(unit, actor, channel):
        raise NotFound("Task not found")
    return task, channel


async def log_task(
    unit: Unit, kind: EventKind, now: int, *, actor: Principal | None, task: Task, channel: Channel
) -> None:
    """Log what happened to the task, with the task as it is afterwards."""
    actor_id = actor.id if actor else None
    data = task_row(task, channel)
    event = EventDraft(kind, now, actor_id, channel_id=channel.id, subject_id=task.id, data=data)
    await unit.events.append([event])


async def give_back(
    unit: Unit, kind: EventKind, now: int, *, actor: Principal, task: Task, channel: Channel, gate: Gate
) -> Task:
    """Take the held task from its holder and return it as it is then: open and offered, or cancelled for good.

    `kind` says whether it was released or its lease lapsed. Only of a cancelled task a line is posted, by `actor`.
    """
    returned = leases.given_back(task)
    await unit.tasks.save(returned)
    await log_task(unit, kind, now, actor=actor, task=returned, channel=channel)
    if returned.status is TaskStatus.CANCELLED:
        text, metadata = announcements.task_given_up(task), announcements.task_metadata(task, "cancelled")
        await announce(unit, announcements.draft(actor, channel, now, text, metadata=metadata), actor)
        await end_cancelled(unit, now, actor=actor, task=returned, channel=channel)
    else:
        await queue_offers(unit, returned, channel, now, gate)
    return returned


async def end_cancelled(unit: Unit, now: int, *, actor: Principal, task: Task, channel: Channel) -> None:
    """Log that the task is cancelled and take its offers back.

    Tasks that wait for it could never be claimed any more: they are cancelled too, with a result that says why.
    """
    by: Principal | None = actor
    ended = [(task, channel)]
    while ended:
        task, channel = ended.pop()
        await unit.inbox.withdraw_task(task.id)
        await log_task(unit, EventKind.TASK_CANCELLED, now, actor=by, task=task, channel=channel)
        by = None  # the others end by themselves
        reason = f"It waited for task {task.id}, which was cancelled."
        for waiting in await unit.tasks.waiting_for(task.id):
            place = await unit.channels.get(waiting.channel_id)
            if place is not None:
                lost = replace(leases.cancelled(waiting), result=reason)
                await unit.tasks.save(lost)
                ended.append((lost, place))
