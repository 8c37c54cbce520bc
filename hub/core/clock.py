"""What time it is: the one thing use-cases may not find out by themselves."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the present moment, in microseconds since the Unix epoch."""


def system_clock() -> int:
    """Return the moment by this machine's clock."""
    return time.time_ns() // 1000
