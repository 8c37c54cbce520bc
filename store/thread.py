"""What a thread of an adapter does with batches, so that they take one hop and not one per statement.

A batch is a coroutine, but nothing in it ever waits where the adapter's session executes within the call (see
`store.batch`). So it runs to its end in the thread, and the next one begins there.
"""

import asyncio
from collections.abc import Callable, Coroutine
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
    run: Callable[[list[Job]], Report],
    take: Take,
    settle: Settle,
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Run batches of a writer in this thread until there are no more; they are settled on the writer's event loop."""
    while jobs := take():
        try:
            result: Result = run(jobs)
        except Exception as error:  # noqa: BLE001 - it is the callers'
            result = error
        loop.call_soon_threadsafe(settle, result)
