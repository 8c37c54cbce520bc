"""Callbacks for later that can all be called off at once, so that stopping leaves nothing behind."""

import asyncio
from collections.abc import Callable


class Timers:
    """Pending ``loop.call_later`` handles."""

    def __init__(self) -> None:
        self._handles: set[asyncio.TimerHandle] = set()

    def later(self, delay: float, action: Callable[[], None]) -> None:
        """Run ``action`` after ``delay`` seconds, unless cancelled before."""

        def run() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(delay, run)
        self._handles.add(handle)

    def cancel(self) -> None:
        """Call everything off."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
