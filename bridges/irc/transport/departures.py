"""Departures: which connections have something to send, so that what is said to many leaves in one go."""

import asyncio
import logging
from typing import Protocol

_log = logging.getLogger(__name__)


class Departing(Protocol):
    """A connection that has something to send."""

    def depart(self) -> None:
        """Send what is queued."""


class Departures:
    """Everybody who has something to send in this round of the loop sends it at its end, or at once with `now`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due: list[Departing] = []

    def add(self, connection: Departing) -> None:
        """Take note that a connection has something to send."""
        if not self._due:
            self._loop.call_soon(self.now)
        self._due.append(connection)

    def now(self) -> None:
        """Let everybody send. Must not be called from inside what a session does."""
        due, self._due = self._due, []
        for connection in due:
            try:
                connection.depart()
            except Exception:  # noqa: BLE001 - whatever ails one connection, the others send
                _log.exception("a connection could not send")
