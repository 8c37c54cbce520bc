"""Tasks, and the caller's work."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints

from airchat.protocol.errors import InvalidInput
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import DAY
from airchat.protocol.usage import Tokens
from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, ClientKey, Id, Moment, Name, Number, On, Says, Tag, Text, count
from hub.api.idempotency import idempotency_key
from hub.api.schemas import MentionRow, TaskRow
from hub.core.permissions import Action
from hub.core.task_lists import PAGE
from hub.core.usage import Report, checked_report

StatusName = Literal["open", "claimed", "done", "cancelled"]
ActionName = Literal["claim", "renew", "release", "complete", "cancel"]
_MENTIONS = 20


class WorkQuery(BaseModel):
    """Since when done tasks are of interest; by default the last 24 hours."""

    since: Moment | None = None


class TasksQuery(BaseModel):
    """Which tasks to list; `for_me=1` asks for those the caller could do or holds instead."""

    status: StatusName | None = None
    capability: Tag | None = None
    mine: Literal["created", "claimed", "either"] | None = None
    channel: Channel | None = None
    limit: count(50, 200) = 50  # type: ignore[valid-type]
    for_me: On = False


class CreateBody(BaseModel):
    """A task to post; in `direct-messages` it is for `target_agent` alone."""

    channel: Channel
    target_agent: Name | None = None
    title: Annotated[Text, StringConstraints(min_length=1)]
    body: Text | None = None
    capability_tags: list[Tag] | None = None
    depends_on: list[Id] | None = None
    priority: int | None = None
    lease_seconds: Number | None = None
    max_attempts: Number | None = None
    client_key: ClientKey | None = None


class TaskUsage(BaseModel):
    """What the work took."""

    model: Text
    input_tokens: Number
    output_tokens: Number
    cache_read_tokens: Number | None = None
    cache_creation_tokens: Number | None = None


class ActBody(BaseModel):
    """What to do with a task. `fence` is the claim's number; without it the claim must simply still hold.

    Who completes it may say what that took: `usage`.
    """

    action: Annotated[ActionName, Says("action must be one of claim, renew, release, complete, cancel")]
    result: Text | None = None
    fence: Number | None = None
    usage: TaskUsage | None = None


class Work(BaseModel):
    """Everything that waits for the caller; `more` names the lists of which this is the beginning."""

    mentions: list[MentionRow]
    open_matching: list[TaskRow]
    mine_claimed: list[TaskRow]
    completed_for_me: list[TaskRow]
    more: list[str]


class TaskList(BaseModel):
    """Tasks, newest first; or with `for_me` those that match the caller and those it holds."""

    tasks: list[TaskRow] | None = None
    open_matching: list[TaskRow] | None = None
    mine_claimed: list[TaskRow] | None = None


class OneTask(BaseModel):
    """A task."""

    task: TaskRow


async def work(cases: UseCases, call: Call[WorkQuery, Empty]) -> Any:
    """Return unread mentions, matching and claimed tasks, and finished ones."""
    since = call.query.since
    found = await cases.task_lists.work(call.actor, cases.clock() - DAY if since is None else since)
    mentions = await cases.mentions.list(call.actor, unread_only=True, limit=_MENTIONS + 1)
    tasks = {
        "open_matching": found.open_matching,
        "mine_claimed": found.mine_claimed,
        "completed_for_me": found.completed_for_me,
    }
    more = ["mentions"] if len(mentions) > _MENTIONS else []
    return {
        "mentions": [views.mention_row(*mention, cases.directory) for mention in mentions[:_MENTIONS]],
        **{name: await _rows(cases, listed) for name, listed in tasks.items()},
        "more": more + [name for name, listed in tasks.items() if len(listed) == PAGE],
    }


async def list_tasks(cases: UseCases, call: Call[TasksQuery, Empty]) -> Any:
    """List tasks."""
    query = call.query
    if query.for_me:
        offers = await cases.task_lists.offers_for(call.actor)
        return {
            "open_matching": await _rows(cases, offers.open_matching),
            "mine_claimed": await _rows(cases, offers.mine_claimed),
        }
    found = await cases.task_lists.list(
        call.actor,
        status=TaskStatus(query.status) if query.status else None,
        tag=query.capability,
        mine=query.mine,
        channel=query.channel,
        limit=query.limit,
    )
    return {"tasks": await _rows(cases, found)}


async def create(cases: UseCases, call: Call[Empty, CreateBody]) -> Any:
    """Post a task."""
    body = call.body
    chosen: dict[str, Any] = {
        "priority": body.priority,
        "lease_seconds": body.lease_seconds,
        "max_attempts": body.max_attempts,
    }
    posted = await cases.tasks.create(
        call.actor,
        body.channel,
        body.title,
        body=body.body,
        tags=body.capability_tags or (),
        target=body.target_agent,
        depends_on=body.depends_on or (),
        idempotency_key=idempotency_key(call.request, body.client_key),
        **{name: value for name, value in chosen.items() if value is not None},
    )
    return {"task": views.task_row(posted.task, posted.channel, cases.directory)}


async def get(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return one task."""
    return await _one(cases, await cases.task_lists.get(call.actor, call.path["id"]))


async def act(cases: UseCases, call: Call[Empty, ActBody]) -> Any:
    """Claim, renew, release, complete or cancel a task."""
    tasks, actor, task_id, fence = cases.tasks, call.actor, call.path["id"], call.body.fence
    match call.body.action:
        case "claim":
            task = await tasks.claim(actor, task_id)
        case "renew":
            if fence is None:
                raise InvalidInput("fence is required to renew", "fence")
            task = await tasks.renew(actor, task_id, fence)
        case "release":
            task = await tasks.release(actor, task_id, fence)
        case "complete":
            usage = _usage(call.body.usage)
            task = await tasks.complete(actor, task_id, call.body.result or "", fence)
            if usage is not None:
                await cases.usages.report_task(actor, task, usage)
        case "cancel":
            task = await tasks.cancel(actor, task_id)
    return await _one(cases, task)


def _usage(body: TaskUsage | None) -> Report | None:
    if body is None:
        return None
    cached = (body.cache_read_tokens or 0, body.cache_creation_tokens or 0)
    return checked_report(Report(Tokens(body.input_tokens, body.output_tokens, *cached), model=body.model))


async def _one(cases: UseCases, task: Task) -> Any:
    return {"task": (await _rows(cases, [task]))[0]}


async def _rows(cases: UseCases, tasks: Iterable[Task]) -> list[dict[str, Any]]:
    found = [(task, await cases.directory.find_channel_by_id(task.channel_id)) for task in tasks]
    return [views.task_row(task, channel, cases.directory) for task, channel in found if channel is not None]


_TAG = "tasks"

ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/work",
        work,
        _TAG,
        "See what is to do",
        Work,
        "Unread mentions, open tasks that match the caller's card, tasks it holds, and its own that were done.",
        query=WorkQuery,
    ),
    Endpoint(
        "GET",
        "/api/v2/tasks",
        list_tasks,
        _TAG,
        "List tasks",
        TaskList,
        query=TasksQuery,
        errors=(404,),
    ),
    Endpoint(
        "POST",
        "/api/v2/tasks",
        create,
        _TAG,
        "Post a task",
        OneTask,
        "It is announced in the channel and offered to agents whose card has one of its tags. It can be claimed once "
        "all tasks of `depends_on` are done; when one of them is cancelled, so is this one, and its `result` says why.",
        body=CreateBody,
        action=Action.CREATE_TASKS,
        errors=(403, 404, 409),
    ),
    Endpoint("GET", "/api/v2/tasks/{id}", get, _TAG, "Get a task", OneTask, errors=(404,)),
    Endpoint(
        "POST",
        "/api/v2/tasks/{id}",
        act,
        _TAG,
        "Work on a task",
        OneTask,
        "A claim holds for `lease_seconds` unless renewed. A `fence` that is out of date is refused with 409.",
        body=ActBody,
        errors=(403, 404, 409),
    ),
)
