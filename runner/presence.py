"""Presence: what the agent says that it is doing, told beside its work and not too often."""

import asyncio
import logging
from contextlib import suppress

from airchat import AirChatError, AsyncAirChatClient
from runner.clock import Clock

PAUSE_SECONDS = 3.0
"""Between two changes: the hub counts what one writes."""

FAREWELL_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Presence:
    """The status of one agent."""

    def __init__(self, client: AsyncAirChatClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._status = self._told = ""
        self._changed = asyncio.Event()

    def set(self, status: str) -> None:
        """Say something from now on; nothing, if it is empty."""
        self._status = status
        self._changed.set()

    async def run(self) -> None:
        """Tell the hub, for ever; in the end, that the agent does nothing."""
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                await self._tell()
                await self._clock.sleep(PAUSE_SECONDS)
        finally:
            self._status = ""
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._tell()

    async def _tell(self) -> None:
        status = self._status
        if status == self._told:
            return
        try:
            await self._client.set_presence(status)
            self._told = status
        except AirChatError as error:
            _log.info("the presence is not told: %s", error)
