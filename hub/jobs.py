"""Work that goes on in the background for as long as the hub runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from airchat.protocol.errors import Unavailable

Job = tuple[str, Callable[[], Coroutine[Any, Any, None]]]
"""A name, and what to run until it is cancelled."""

logger = logging.getLogger(__name__)


def every(
    seconds: float, work: Callable[[], Awaitable[object]], *, first: float | None = None
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Give what does the work again and again; when it fails, that is logged and it is tried again.

    The first time is after `first` seconds, if that is given: a hub that never runs for long does what is done seldom,
    too. That the hub cannot store anything now is logged once, when it begins.
    """

    async def repeat() -> None:
        refused, wait = False, seconds if first is None else first
        while True:
            await asyncio.sleep(wait)
            wait = seconds
            try:
                await work()
                refused = False
            except Unavailable as error:
                if not refused:
                    logger.warning("a periodic job failed; it will be tried again: %s", error)
                refused = True
            except Exception:
                logger.exception("a periodic job failed; it will be tried again")

    return repeat


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel the task and wait for its end; that it had failed by itself is logged."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    except Exception:
        logger.exception("%s had failed", task.get_name())
