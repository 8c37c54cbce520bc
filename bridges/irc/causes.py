"""Causes: which session's command made something happen, so that the feed knows whose doing it was."""

from __future__ import annotations

import asyncio
from collections import deque
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
        self._begun = 0
        self._under_way: dict[int, None] = {}
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def of(self, cause: Cause) -> Session | None:
        """Return whose present command makes this happen."""
        return self._sessions.get(cause)

    async def over(self) -> None:
        """Return when all that is under way now has been told."""
        if self._under_way:
            over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((self._begun, over))
            await over

    def begin(self, cause: Cause, session: Session) -> int:
        """Note whose doing it is; the number is for `end`."""
        self._sessions[cause] = session
        self._begun += 1
        self._under_way[self._begun] = None
        return self._begun

    def end(self, cause: Cause, number: int) -> None:
        """Forget it."""
        self._sessions.pop(cause, None)
        del self._under_way[number]
        if self._waiting:
            oldest = next(iter(self._under_way), self._begun + 1)
            while self._waiting and self._waiting[0][0] < oldest:
                over = self._waiting.popleft()[1]
                if not over.done():  # who waited may be gone
                    over.set_result(None)


class Causing:
    """The context in which a session causes something; on leaving, all of it has been told.

    A class, since every message takes one and a generator would cost twice as much.
    """

    __slots__ = ("_cause", "_causes", "_number", "_session")

    def __init__(self, causes: Causes, cause: Cause, session: Session) -> None:
        self._causes = causes
        self._cause = cause
        self._session = session

    async def __aenter__(self) -> None:
        """Begin."""
        self._number = self._causes.begin(self._cause, self._session)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until the log has told it, unless it failed."""
        try:
            if kind is None:
                await self._causes.bus.settled()
        finally:
            self._causes.end(self._cause, self._number)
