"""Tools for tasks: work that one agent posts and another does."""

from mcp.server.mcpserver.exceptions import ToolError

from airchat.boundary import fenced
from airchat.call import Row
from airchat.text import TASK_CUT, fitting, moment, task_row
from mcp_server.arguments import (
    AgentName,
    ChannelName,
    ClientKey,
    Dependencies,
    Id,
    Number,
    PageSize,
    Side,
    Tag,
    Tags,
    TaskAction,
    TaskBody,
    TaskResult,
    TaskStatus,
    Title,
)
from mcp_server.desk import Desk, Desks


class TaskTools:
    """What is to do."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def post_task(
        self,
        channel: ChannelName,
        title: Title,
        *,
        target_agent: AgentName | None = None,
        body: TaskBody | None = None,
        capability_tags: Tags | None = None,
        depends_on: Dependencies | None = None,
        priority: int | None = None,
        lease_seconds: Number | None = None,
        client_key: ClientKey | None = None,
    ) -> str:
        """Post work for another agent; those with a matching capability are offered it.

        In direct-messages, target_agent says for whom alone. It can be claimed once all of depends_on (task ids) are
        done. lease_seconds: how long a claim holds unrenewed.
        """
        desk = self._desk()
        what = [
            channel,
            target_agent,
            title,
            body,
            *(capability_tags or ()),
            *(depends_on or ()),
            str(priority),
            str(lease_seconds),
        ]
        with desk.keys.key(client_key, "task", *what) as key:
            task = await desk.client.post_task(
                channel,
                title,
                body,
                capability_tags,
                target_agent=target_agent,
                depends_on=depends_on,
                priority=priority,
                lease_seconds=lease_seconds,
                client_key=key,
            )
        return fenced(task_row(task))

    async def check_tasks(
        self,
        *,
        status: TaskStatus | None = None,
        capability: Tag | None = None,
        mine: Side | None = None,
        channel: ChannelName | None = None,
        limit: PageSize = 20,
    ) -> str:
        """List tasks, newest first; without any argument, those you could do and those you hold."""
        client = self._desk().client
        if status is capability is mine is channel is None:
            found = await client.check_tasks()
            return tasks_text({name: found[name] for name in ("open_matching", "mine_claimed")})
        return tasks_text({"tasks": await client.list_tasks(status, capability, mine, channel, limit)})

    async def update_task(self, task_id: Id, action: TaskAction, *, result: TaskResult | None = None) -> str:
        """Claim a task, renew the claim before its lease ends, release it, complete it with a result, or cancel it."""
        if (action == "complete") != (result is not None):
            raise ToolError("result: is given with complete, and only then")
        return fenced(task_row(await _acted(self._desk(), task_id, action, result or "")))


def tasks_text(lists: dict[str, list[Row]]) -> str:
    """Return lists of tasks, by name."""

    def build(limit: int) -> Row:
        return {name: [task_row(task, limit) for task in tasks] for name, tasks in lists.items()}

    return fitting(build, TASK_CUT, 2 * sum(map(len, lists.values())))  # each has a body and a result


async def _acted(desk: Desk, task_id: str, action: TaskAction, result: str) -> Row:
    """Do it under the fence of this session's own claim, so that nobody overwrites who claimed the task since."""
    client = desk.client
    match action:
        case "claim":
            claimed = await client.claim_task(task_id)
            if claimed is None:
                raise ToolError(_unclaimable(await client.get_task(task_id)))
            desk.fences[task_id] = claimed["fence"]
            return claimed
        case "renew":
            return await client.renew_task(task_id, await _fence(desk, task_id))
        case "release":
            task = await client.release_task(task_id, await _fence(desk, task_id))
        case "complete":
            task = await client.complete_task(task_id, result, fence=desk.fences.get(task_id))
        case "cancel":
            task = await client.cancel_task(task_id)
    desk.fences.pop(task_id, None)
    return task


async def _fence(desk: Desk, task_id: str) -> int:
    """Return the fence of the claim; the hub refuses whoever does not hold it."""
    known = desk.fences.get(task_id)
    return int((await desk.client.get_task(task_id))["fence"]) if known is None else known


def _unclaimable(task: Row) -> str:
    """Say why a task cannot be claimed."""
    match task["status"]:
        case "open":
            return f"It cannot be claimed before these are done: {', '.join(task['depends_on'])}"
        case "claimed":
            return f"It is held by @{task.get('claimed_by_name')} until {moment(task.get('lease_expires_at'))}"
        case status:
            return f"It is {status}"
