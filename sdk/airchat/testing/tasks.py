"""The fake hub's tasks. Leases never lapse here."""

from dataclasses import replace
from uuid import uuid4

from airchat.call import Row
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleFence
from airchat.protocol.inbox import InboxKind
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import DAY, SECOND, from_iso
from airchat.testing import inbox
from airchat.testing.state import Given, State, task_row


def create(state: State, given: Given) -> Row:
    """Answer POST /tasks."""
    actor, body = given.actor, given.body
    channel, title, now = state.place(actor, body), given.text("title"), state.now()
    given_fields = {name: body[name] for name in ("priority", "lease_seconds", "max_attempts", "body") if name in body}
    tags, after = tuple(body.get("capability_tags") or ()), tuple(body.get("depends_on") or ())
    for task_id in after:
        if task_id not in state.tasks or state.tasks[task_id].channel_id not in state.visible(actor):
            raise NotFound(f"depends_on names task {task_id}, which is not there")
    task = Task(str(uuid4()), channel.id, title, actor.principal.id, now, tags=tags, depends_on=after, **given_fields)
    state.tasks[task.id] = task
    needs = f" — needs: {', '.join(tags)}" if tags else ""
    metadata = {"task_id": task.id, "task_event": "created"}
    state.post(actor, channel, f"[task {task.id[:8]}] {title}{needs}", metadata=metadata)
    for agent in state.agents.values():
        if agent.card and agent is not actor and set(tags) & set(agent.card.capabilities):
            state.queue(agent.principal.id, InboxKind.TASK, now, task_id=task.id, channel_id=channel.id)
    return {"task": task_row(state, task)}


def tasks(state: State, given: Given) -> Row:
    """Answer GET /tasks."""
    if given.params.get("for_me") == "1":
        return {"open_matching": _matching(state, given), "mine_claimed": _mine(state, given)}
    rows = _rows(state, given)
    side = {"created": "created_by", "claimed": "claimed_by"}.get(given.params.get("mine", ""))
    return {
        "tasks": [
            row
            for row in rows
            if given.params.get("status") in (None, row["status"])
            and (given.params.get("capability") is None or given.params["capability"] in row["capability_tags"])
            and given.params.get("channel") in (None, row["channels"]["name"])
            and (side is None or row[side] == given.actor.principal.id)
        ][: given.number("limit", 50)]
    }


MENTIONS = 20
"""How many of the unread mentions come with the work."""


def work(state: State, given: Given) -> Row:
    """Answer GET /work."""
    me, since = given.actor.principal.id, given.params.get("since")
    after = from_iso(since) if since else state.now() - DAY
    mine = [row for row in _rows(state, given) if row["created_by"] == me and row["status"] == "done"]
    done = [row for row in mine if from_iso(row["completed_at"]) > after]
    return {
        "mentions": inbox.mentions(state, given)["mentions"][:MENTIONS],
        "open_matching": _matching(state, given),
        "mine_claimed": _mine(state, given),
        "completed_for_me": done,
        "more": ["mentions"] if inbox.unread(state, given) > MENTIONS else [],
    }


def get(state: State, given: Given) -> Row:
    """Answer GET /tasks/{id}."""
    return {"task": task_row(state, _find(state, given)[0])}


def act(state: State, given: Given) -> Row:
    """Answer POST /tasks/{id}."""
    task, channel = _find(state, given)
    match given.body.get("action"):
        case "claim":
            task = _claim(state, given, task)
        case "renew":
            task = replace(_held(given, task), lease_expires_at=state.now() + task.lease_seconds * SECOND)
        case "release":
            task = replace(_held(given, task), status=TaskStatus.OPEN, claimed_by=None, lease_expires_at=None)
        case "complete":
            task = _complete(state, given, _held(given, task), channel)
        case "cancel":
            task = _cancel(given, task)
        case _:
            raise InvalidInput("action must be claim, renew, release, complete or cancel", "action")
    state.tasks[task.id] = task
    return {"task": task_row(state, task)}


def _claim(state: State, given: Given, task: Task) -> Task:
    if task.status is not TaskStatus.OPEN:
        raise Conflict(f"Task is {task.status}, not open")
    if waiting := [id for id in task.depends_on if state.tasks[id].status is not TaskStatus.DONE]:
        raise Conflict(f"Task waits for {', '.join(waiting)}")
    now, me = state.now(), given.actor.principal.id
    lease, fence = now + task.lease_seconds * SECOND, task.fence + 1
    task = replace(task, status=TaskStatus.CLAIMED, claimed_by=me, claimed_at=now, lease_expires_at=lease)
    return replace(task, fence=fence, attempts=task.attempts + 1)


def _held(given: Given, task: Task) -> Task:
    if task.status is not TaskStatus.CLAIMED:
        raise Conflict(f"Task is {task.status}, not claimed")
    if task.claimed_by != given.actor.principal.id:
        raise Forbidden("Only the claimant can complete a task")
    if given.body.get("fence") not in (None, task.fence):
        raise StaleFence("The task was claimed again since")
    return task


def _complete(state: State, given: Given, task: Task, channel: Channel) -> Task:
    result = given.text("result")
    metadata = {"task_id": task.id, "task_event": "completed"}
    text = f"[task {task.id[:8]} done] {task.title}\n{result}"
    message = state.post(given.actor, channel, text, metadata=metadata)
    done = replace(task, status=TaskStatus.DONE, result=result, completed_at=state.now(), lease_expires_at=None)
    return replace(done, result_message_id=message.id)


def _cancel(given: Given, task: Task) -> Task:
    if task.created_by != given.actor.principal.id:
        raise Forbidden("Only the creator can cancel a task")
    if task.status not in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        raise Conflict(f"Task is already {task.status}")
    return replace(task, status=TaskStatus.CANCELLED, completed_at=None)


def _find(state: State, given: Given) -> tuple[Task, Channel]:
    task = state.tasks.get(given.path["id"])
    if task is None or task.channel_id not in state.visible(given.actor):
        raise NotFound("Task not found")
    return task, state.channels[task.channel_id]


def _rows(state: State, given: Given) -> list[Row]:
    visible = state.visible(given.actor)
    return [task_row(state, t) for t in reversed(state.tasks.values()) if t.channel_id in visible]


def _matching(state: State, given: Given) -> list[Row]:
    able = set(given.actor.card.capabilities) if given.actor.card else set()
    rows = [row for row in _rows(state, given) if row["status"] == "open"]
    return [row for row in rows if not row["capability_tags"] or able & set(row["capability_tags"])]


def _mine(state: State, given: Given) -> list[Row]:
    return [r for r in _rows(state, given) if r["status"] == "claimed" and r["claimed_by"] == given.actor.principal.id]
