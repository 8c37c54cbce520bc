"""The janitor: takes tasks from holders whose lease has ended."""

from airchat.protocol.events import EventKind
from airchat.protocol.principals import Principal
from hub.core import leases
from hub.core.clock import Clock
from hub.core.gate import Gate
from hub.core.system import JANITOR, system_principal
from hub.core.task_changes import give_back
from store.ports.store import Store
from store.ports.unit import Unit

_BATCH = 100


class Janitor:
    """Tidies up when `sweep` is called, every few seconds."""

    def __init__(self, store: Store, clock: Clock, gate: Gate) -> None:
        self._store = store
        self._clock = clock
        self._gate = gate

    async def sweep(self) -> int:
        """Make tasks whose lease has ended claimable for others, or cancel them after their last attempt.

        Returns how many there were. Costs one read when there is nothing to do.
        """
        swept = 0
        while True:
            now = self._clock()
            async with self._store.read() as unit:
                due = [task.id for task in await unit.tasks.lapsed(now, _BATCH)]
            if not due:
                return swept
            janitor = await system_principal(self._store, self._clock, JANITOR)
            swept += await self._take_back(janitor, due, now)

    async def _take_back(self, janitor: Principal, task_ids: list[str], now: int) -> int:
        async def take_back(unit: Unit) -> int:
            count = 0
            for task_id in task_ids:
                task = await unit.tasks.get(task_id)
                channel = await unit.channels.get(task.channel_id) if task else None
                if task and channel and leases.lapsed(task, now):
                    await give_back(
                        unit, EventKind.TASK_LAPSED, now, actor=janitor, task=task, channel=channel, gate=self._gate
                    )
                    count += 1
            return count

        return await self._store.write(take_back)
