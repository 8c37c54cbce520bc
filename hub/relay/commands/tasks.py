"""Tasks: listing them, taking one, and what comes of it; by command or by a button below the task."""

from collections.abc import Mapping
from typing import Any

from airchat.protocol.errors import Conflict
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import SECOND
from hub.relay.commands import lookup
from hub.relay.commands.table import Question, command
from hub.relay.commands.wording import bullets, plain, span
from hub.relay.contract.desk import Button, Field, Form, Reply
from store.ports.store import Store

CLAIM, RELEASE, FINISH = "task.claim", "task.release", "task.finish"
FORM = "task.finish"

_LISTED = 20
_BUTTONS = 5
_TITLE = 100


@command("tasks [#channel]", "List the tasks that are open or being worked on", most=1)
async def tasks(question: Question) -> Reply:
    """List tasks of a channel, of the one where the asker is, or of all."""
    cases, asker = question.cases, question.asker
    channel = lookup.channel(question, question.words[0].removeprefix("#")) if question.words else asker.channel
    name = channel.name if channel is not None else None
    found: list[Task] = []
    for status in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        found += await cases.task_lists.list(asker.principal, status=status, channel=name, limit=_LISTED)
    if not found:
        return Reply(f"No open tasks in `#{name}`." if name else "No open tasks.")
    buttons = [_claim(it.id, f"Claim {it.id[:8]}") for it in found if it.status is TaskStatus.OPEN]
    return Reply(bullets(_row(question, it) for it in found), buttons=tuple(buttons[:_BUTTONS]))


@command("claim ID", "Take a task; it is yours for as long as its lease", least=1, most=1)
async def claim(question: Question) -> Reply:
    """Claim a task."""
    found = await lookup.task(question, question.words[0])
    return await claimed(question, found.id)


@command("finish ID RESULT…", "Say what came of a task that you have", least=2, most=None)
async def finish(question: Question) -> Reply:
    """Complete a task."""
    found = await lookup.task(question, question.words[0], status=TaskStatus.CLAIMED)
    return await finished(question, found.id, question.rest.split(None, 1)[1])


@command("release ID", "Give a task back", least=1, most=1)
async def release(question: Question) -> Reply:
    """Release a task."""
    found = await lookup.task(question, question.words[0], status=TaskStatus.CLAIMED)
    return await released(question, found.id)


async def claimed(question: Question, task_id: str) -> Reply:
    """Claim the task with that id, and offer what can be done next."""
    try:
        task = await question.cases.tasks.claim(question.asker.principal, task_id)
    except Conflict as error:
        return Reply(str(error), settled=True)
    text = f"`{task.id[:8]}` is yours for {span(task.lease_seconds * SECOND)}: {plain(task.title, _TITLE)}"
    buttons = (Button("Finish", FINISH, task.id, "good"), Button("Give back", RELEASE, task.id))
    return Reply(text, buttons=buttons, settled=True)


async def finished(question: Question, task_id: str, result: str) -> Reply:
    """Complete the task with that id."""
    task = await question.cases.tasks.complete(question.asker.principal, task_id, result)
    return Reply(f"`{task.id[:8]}` is done: {plain(task.title, _TITLE)}", replace=True)


async def released(question: Question, task_id: str) -> Reply:
    """Give back the task with that id."""
    task = await question.cases.tasks.release(question.asker.principal, task_id)
    return Reply(f"`{task.id[:8]}` is given back: {plain(task.title, _TITLE)}", replace=True)


async def result_form(question: Question, task_id: str) -> Reply:
    """Ask for the result of a task."""
    task = await question.cases.task_lists.get(question.asker.principal, task_id)
    form = Form(f"{FORM} {task.id}", "Finish a task", (Field("result", "What came of it", long=True),), "Finish")
    typed = question.asker.typed(f"finish {task.id[:8]} what came of it")
    return Reply(f"Type {typed}", form=form)


async def offered(store: Store, metadata: Mapping[str, Any]) -> tuple[Button, ...]:
    """Return the buttons below the message that offers a task, while nobody has it."""
    task_id = metadata.get("task_id")
    if metadata.get("task_event") != "created" or not isinstance(task_id, str):
        return ()
    async with store.read() as unit:
        task = await unit.tasks.get(task_id)
    return (_claim(task_id, "Claim"),) if task is not None and task.status is TaskStatus.OPEN else ()


def _claim(task_id: str, label: str) -> Button:
    return Button(label, CLAIM, task_id, "good")


def _row(question: Question, task: Task) -> str:
    channel = question.cases.directory.channel(task.channel_id)
    place = f" in `#{channel.name}`" if channel is not None and not channel.direct else ""
    state = "open"
    if task.status is TaskStatus.CLAIMED:
        holder = question.cases.directory.principal(task.claimed_by or "")
        left = max(0, (task.lease_expires_at or 0) - question.cases.clock())
        state = f"`{holder.name if holder else '?'}` has it for another {span(left)}"
    return f"`{task.id[:8]}`{place}, {state}: {plain(task.title, _TITLE)}"
