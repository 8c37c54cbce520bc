"""How long workers wait: after failures, and for something to do."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

MAX_BACKOFF_SECONDS = 60.0
_AGAIN_SECONDS = 1.0


def backoff(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: doubling from half a second, with jitter."""
    longest = min(MAX_BACKOFF_SECONDS, 0.5 * 2.0 ** min(failures - 1, 10))
    return random.uniform(0.5, 1.0) * longest  # noqa: S311 - jitter, no secret


async def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a task of its own and return its result; no cancellation gets lost in it.

    A task group that a child breaks raises that child's error, even when its own task is cancelled in the same moment:
    whoever catches the error would go on for ever.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_AGAIN_SECONDS)
        raise
    return task.result()


async def sleep_until(flag: asyncio.Event, seconds: float) -> None:
    """Return when the flag is set, at the latest after so many seconds."""
    # not asyncio.wait_for: before Python 3.12 it can swallow a cancellation, and the worker would never end
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await flag.wait()
