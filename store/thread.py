"""What a thread of an adapter does with batches, so that they take one hop and not one per statement.

A batch is a coroutine, but nothing in it ever waits where the adapter's session executes within the call (see
`store.batch`). So it runs to its end in the thread, and the next one begins there.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar, cast

from store.batch import Job, Report
from store.writer import Result, Settle, Take

Returned = TypeVar("Returned")


def drive(coroutine: Coroutine[Any, Any, Returned]) -> Returned:
    """Run a coroutine that never suspends.

    Raises:
        RuntimeError: it did suspend, because it awaited something other than its unit of work.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("Returned", end.value)
    coroutine.close()
    raise RuntimeError("A unit of work awaited something other than its unit.")


def run_batches(
    executor: Executor, run: Callable[[Sequence[Job]], Report], take: Take, settle: Settle
) -> asyncio.Future[None]:
    """Run batches of a writer in the executor's thread until there are no more; they are settled on this event loop."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(result: Result, *, last: bool) -> None:
        try:
            settle(result)
        finally:
            if last:
                ended.set_result(None)

    def work() -> None:
        jobs = take()
        if not jobs:
            loop.call_soon_threadsafe(ended.set_result, None)
        while jobs:
            try:
                result: Result = run(jobs)
            except Exception as error:  # noqa: BLE001 - it is the callers'
                result = error
            jobs = take()
            # the end is told along with the last result: to wake the event loop twice would hold up the answers
            loop.call_soon_threadsafe(partial(tell, result, last=not jobs))

    executor.submit(work)
    return ended
