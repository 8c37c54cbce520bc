"""Causes: which session's command made something happen, so that the feed knows whose doing it was."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whose doing, and where it is told
    from types import TracebackType

    from bridges.irc.session import Session
    from hub.core.events import EventBus

Cause = Hashable
"""What a command is about to make happen."""


class Causes:
    """What is under way on behalf of sessions."""

    def __init__(self, bus: EventBus) -> None:
        self.bus = bus
        self._sessions: dict[Cause, Session] = {}
        self._under_way: set[asyncio.Future[None]] = set()

    def of(self, cause: Cause) -> Session | None:
        """Return whose present command makes this happen."""
        return self._sessions.get(cause)

    async def over(self) -> None:
        """Return when all that is under way now has been told."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    def begin(self, cause: Cause, session: Session) -> asyncio.Future[None]:
        """Note whose doing it is; the future is for `end`."""
        self._sessions[cause] = session
        under_way: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.add(under_way)
        return under_way

    def end(self, cause: Cause, under_way: asyncio.Future[None]) -> None:
        """Forget it."""
        self._sessions.pop(cause, None)
        self._under_way.discard(under_way)
        under_way.set_result(None)


class Causing:
    """The context in which a session causes something; on leaving, all of it has been told.

    A class, since every message takes one and a generator would cost twice as much.
    """

    __slots__ = ("_cause", "_causes", "_session", "_under_way")

    def __init__(self, causes: Causes, cause: Cause, session: Session) -> None:
        self._causes = causes
        self._cause = cause
        self._session = session

    async def __aenter__(self) -> None:
        """Begin."""
        self._under_way = self._causes.begin(self._cause, self._session)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until the log has told it, unless it failed."""
        try:
            if kind is None:
                await self._causes.bus.settled()
        finally:
            self._causes.end(self._cause, self._under_way)
