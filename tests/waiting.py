"""Waiting for what nothing can be subscribed to: another program's files and screen, the other side of a bridge."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SECONDS = 60.0
"""How long anything may take: a machine may be busy with much else, and what never comes fails late enough."""

STEP_SECONDS = 0.05
_LOOK_SECONDS = 0.01


def until(what: Callable[[], T], told: Callable[[], object], seconds: float = SECONDS) -> T:
    """Return the first true value of `what`.

    Raises:
        AssertionError: none came in time; the text is what `told` returns.
    """
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, told()
        time.sleep(STEP_SECONDS)
    return found


async def found(what: Callable[[], T], told: Callable[[], object], seconds: float = SECONDS) -> T:
    """Return the first true value of `what`, as `until` does, while the loop goes on."""
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, told()
        await asyncio.sleep(_LOOK_SECONDS)
    return value


async def eventually(condition: Callable[[], object], *, seconds: float = SECONDS, what: object = None) -> None:
    """Return once the condition holds, which may have to be awaited.

    Raises:
        AssertionError: it did not in time; the text is `what`, which can be something to call for it.
    """
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return
        assert time.monotonic() < deadline, what() if callable(what) else what
        await asyncio.sleep(_LOOK_SECONDS)
