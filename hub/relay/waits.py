"""How long workers wait: after failures, and for something to do."""

import asyncio
import contextlib
import random

MAX_BACKOFF_SECONDS = 60.0


def backoff(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: doubling from half a second, with jitter."""
    longest = min(MAX_BACKOFF_SECONDS, 0.5 * 2.0 ** min(failures - 1, 10))
    return random.uniform(0.5, 1.0) * longest  # noqa: S311 - jitter, no secret


async def sleep_until(flag: asyncio.Event, seconds: float) -> None:
    """Return when the flag is set, at the latest after so many seconds."""
    # not asyncio.wait_for: before Python 3.12 it can swallow a cancellation, and the worker would never end
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await flag.wait()
