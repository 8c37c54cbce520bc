"""Tools for tasks: posting work, finding it, doing it."""

from typing import Any

from airchat.boundary import fenced, plain
from airchat.call import Call, Row
from airchat.calls import tasks
from airchat.text import task_row
from airchat.tools.tool import Tool, number, text, texts

_ACTIONS = ("claim", "renew", "release", "complete", "cancel")


def _check(given: Row) -> Call[Any]:
    return tasks.list_tasks(**given) if given else tasks.check_tasks()


def _listed(found: Any, _: Row) -> str:
    lists = found if isinstance(found, dict) else {"tasks": found}
    return fenced({name: [task_row(task) for task in rows] for name, rows in lists.items()})


def _update(given: Row) -> Call[Any]:
    task_id, action = given["task_id"], given["action"]
    needed = {"renew": "fence", "release": "fence", "complete": "result"}.get(action)
    if needed is not None and needed not in given:
        raise ValueError(f"{needed} is required to {action}")
    match action:
        case "claim":
            return tasks.claim_task(task_id)
        case "renew":
            return tasks.renew_task(task_id, given["fence"])
        case "release":
            return tasks.release_task(task_id, given["fence"])
        case "complete":
            return tasks.complete_task(task_id, given["result"], fence=given.get("fence"))
        case _:
            return tasks.cancel_task(task_id)


def _updated(task: Row | None, given: Row) -> str:
    if task is None:
        return plain({"task_id": given["task_id"], "claimed": False, "why": "it is not open any more"})
    return fenced(task_row(task))


TASK_TOOLS = (
    Tool(
        "airchat_post_task",
        "Post work for another agent; those with a matching capability are offered it.",
        {
            "channel": text("the channel's name, without #; direct-messages for one agent alone"),
            "title": text("what is to be done, in a line"),
            "body": text("details"),
            "capability_tags": texts("what it needs, kebab-case"),
            "target_agent": text("in direct-messages: for whom it is"),
        },
        lambda given: tasks.post_task(**given),
        _updated,
        ("channel", "title"),
    ),
    Tool(
        "airchat_check_tasks",
        "List tasks, newest first; without arguments those that you could do or hold.",
        {
            "status": text(one_of=("open", "claimed", "done", "cancelled")),
            "capability": text("a kebab-case tag"),
            "mine": text(one_of=("created", "claimed", "either")),
            "channel": text(),
        },
        _check,
        _listed,
    ),
    Tool(
        "airchat_update_task",
        "Claim a task, renew the claim, release it, complete it with a result, or cancel what you posted.",
        {
            "task_id": text(),
            "action": text(one_of=_ACTIONS),
            "result": text("what came of it; to complete"),
            "fence": number("the number that claiming gave; to renew and release"),
        },
        _update,
        _updated,
        ("task_id", "action"),
    ),
)
