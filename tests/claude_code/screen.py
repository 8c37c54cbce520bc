"""The interactive interface of Claude Code in a terminal of its own."""

import asyncio

from tests.terminal import Terminal
from tests.waiting import SECONDS

STEP_SECONDS = 0.05


class Screen(Terminal):
    """A terminal whose waits let others run, among them the fake model in the same process."""

    async def ready(self) -> str:
        """Wait until a prompt can be typed."""
        return await self.shows("\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}")

    async def shows(self, text: str, seconds: float = SECONDS) -> str:
        """Wait until the screen shows `text`; returns all of it.

        Raises AssertionError with the screen when the time is over.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while text not in (shown := self.screen()):
            assert loop.time() < deadline, f"{text!r} is not on the screen:\n{shown}"
            await asyncio.sleep(STEP_SECONDS)
        return shown
