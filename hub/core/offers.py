"""Task offers: telling the agents who can do a task that it waits for somebody."""

from airchat.protocol.channels import Channel
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxItem, InboxKind
from airchat.protocol.principals import Principal
from airchat.protocol.rows import task_row
from airchat.protocol.tasks import Task
from hub.core.gate import Gate
from hub.core.loops import Occasion
from hub.core.permissions import Action, allowed, may_see
from store.ports.unit import Unit

_AGENTS_PER_TAG = 100


async def queue_offers(unit: Unit, task: Task, channel: Channel, now: int, gate: Gate) -> None:
    """Put the task into the inbox of active agents with one of its tags, once nothing it depends on is unfinished.

    Per tag the 100 agents seen last are told; its creator is not. What an agent offers agents has to pass the gate.
    """
    if not task.tags or await unit.tasks.unfinished(task.depends_on):
        return
    items = [
        InboxItem(new_id(now), agent.id, InboxKind.TASK, now, task_id=task.id, channel_id=channel.id)
        for agent in await _able(unit, task)
        if await may_see(unit, agent, channel)
    ]
    creator = await unit.principals.get(task.created_by)
    if creator is not None:
        items = await gate.offer(Occasion(unit, creator, channel, now), task, items)
    await unit.inbox.add(items)
    row = task_row(task, channel)
    await unit.events.append(
        [
            EventDraft(
                EventKind.INBOX_QUEUED,
                now,
                task.created_by,
                channel_id=channel.id,
                recipient_id=item.principal_id,
                subject_id=item.id,
                data={"kind": item.kind.value, "task": row},
            )
            for item in items
            if item.held is None
        ]
    )


async def capabilities(unit: Unit, principal: Principal) -> tuple[str, ...]:
    """Return the tags on the principal's card."""
    agent = await unit.agents.get(principal.id)
    return agent.card.capabilities if agent and agent.card else ()


async def _able(unit: Unit, task: Task) -> list[Principal]:
    able: dict[str, Principal] = {}
    for tag in task.tags:
        for agent in await unit.agents.find(tag, None, _AGENTS_PER_TAG):
            able[agent.principal.id] = agent.principal
    able.pop(task.created_by, None)
    return [agent for agent in able.values() if allowed(agent, Action.WORK_ON_TASKS)]
