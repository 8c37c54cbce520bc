"""Finding tasks: one, by filters, and what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from airchat.protocol.errors import InvalidInput
from airchat.protocol.names import is_tag
from airchat.protocol.principals import Principal, Role
from airchat.protocol.tasks import Task, TaskStatus
from hub.core.channels import Channels
from hub.core.offers import capabilities
from hub.core.permissions import Action, allowed
from hub.core.task_changes import check_task_id, find_task
from store.ports.store import Store
from store.ports.tasks import TaskFilter
from store.ports.unit import Unit

PAGE = 50
_LONGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Offers:
    """Open tasks the principal could claim, best first, and those it holds."""

    open_matching: list[Task]
    mine_claimed: list[Task]


@dataclass(frozen=True, slots=True)
class Work:
    """What is there to do for the principal, and which of its own tasks were done since it last asked."""

    open_matching: list[Task]
    mine_claimed: list[Task]
    completed_for_me: list[Task]


class TaskLists:
    """Reads tasks. Those of direct channels are shown to their two parties, guests see those of their channels."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    async def get(self, actor: Principal, task_id: str) -> Task:
        """Return one task.

        Raises:
            InvalidInput: the id is none.
            NotFound: there is no such task for the actor.
        """
        check_task_id(task_id)
        async with self._store.read() as unit:
            return (await find_task(unit, actor, task_id))[0]

    async def list(
        self,
        actor: Principal,
        *,
        status: TaskStatus | None = None,
        tag: str | None = None,
        mine: Literal["created", "claimed", "either"] | None = None,
        channel: str | None = None,
        limit: int = PAGE,
    ) -> Sequence[Task]:
        """Return the newest tasks that pass all filters; with `mine` only those the actor created, claimed, or either.

        Raises:
            InvalidInput: the tag is none.
            NotFound: there is no such channel for the actor.
        """
        if tag is not None and not is_tag(tag):
            raise InvalidInput("capability must be a kebab-case tag of at most 50 characters", "capability")
        limit = max(1, min(limit, _LONGEST_PAGE))
        place = await self._channels.resolve(actor, channel) if channel is not None else None
        sides = [(actor.id, None), (None, actor.id)] if mine else [(None, None)]
        sides = {"created": sides[:1], "claimed": sides[1:]}.get(mine or "", sides)
        found: dict[str, Task] = {}
        async with self._store.read() as unit:
            for created_by, claimed_by in sides:
                wanted = TaskFilter(
                    viewer_id=actor.id,
                    status=status,
                    tag=tag,
                    channel_id=place.id if place else None,
                    created_by=created_by,
                    claimed_by=claimed_by,
                    limit=limit,
                )
                found |= {task.id: task for task in await _find(unit, actor, wanted)}
        return sorted(found.values(), key=lambda task: (task.created_at, task.id), reverse=True)[:limit]

    async def offers_for(self, actor: Principal) -> Offers:
        """Return open tasks that match the actor's card (or nobody's in particular), and those the actor holds."""
        async with self._store.read() as unit:
            return await _offers(unit, actor)

    async def work(self, actor: Principal, since: int) -> Work:
        """Return the same with the actor's own tasks that were done after `since`, at most 50 of each."""
        mine = TaskFilter(actor.id, TaskStatus.DONE, created_by=actor.id, completed_after=since, limit=PAGE)
        async with self._store.read() as unit:
            offers = await _offers(unit, actor)
            return Work(offers.open_matching, offers.mine_claimed, await _find(unit, actor, mine))


async def _offers(unit: Unit, actor: Principal) -> Offers:
    held = TaskFilter(actor.id, TaskStatus.CLAIMED, claimed_by=actor.id, limit=PAGE)
    if not allowed(actor, Action.WORK_ON_TASKS):
        return Offers([], [])
    offered = TaskFilter(actor.id, matching=await capabilities(unit, actor), limit=PAGE)
    return Offers(await unit.tasks.find(offered), await unit.tasks.find(held))


async def _find(unit: Unit, actor: Principal, wanted: TaskFilter) -> list[Task]:
    tasks = await unit.tasks.find(wanted)
    if actor.role is not Role.GUEST:
        return tasks
    visible = {membership.channel_id for membership in await unit.channels.memberships_of(actor.id)}
    return [task for task in tasks if task.channel_id in visible]
