"""Waiting for another program: there is nothing to subscribe to but its files and its screen."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 15.0
STEP_SECONDS = 0.05


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
