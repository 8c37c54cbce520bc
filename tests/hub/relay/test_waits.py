import asyncio

from hub.relay.waits import apart
from tests.waiting import SECONDS


async def test_cancellation_is_not_lost_in_a_group_that_breaks_in_the_same_moment() -> None:
    async def fail(after: asyncio.Event) -> None:
        await after.wait()
        raise ValueError

    async def group(broken: asyncio.Event) -> str:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(fail(broken))
                tasks.create_task(asyncio.Event().wait())
        except ExceptionGroup:
            pass
        return "went on"

    broken, reached = asyncio.Event(), []

    async def run() -> None:
        reached.append(await apart(group(broken)))
        await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await asyncio.sleep(0.01)
    broken.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=SECONDS)
    assert (task.cancelled(), reached) == (True, [])
