"""The sessions of an agent: one per conversation, begun anew or gone on with, and ended when they rest."""

import asyncio
import logging
from collections.abc import Callable

from runner.clock import Clock
from runner.harness.port import Harness, HarnessError, Place, Session, Unknown
from runner.state import State

_log = logging.getLogger(__name__)


class Sessions:
    """Programs that run are few: beyond `most`, the one that has rested longest is ended, to be resumed when needed."""

    def __init__(
        self,
        harness: Harness,
        place: Callable[[str], Place],
        state: State,
        clock: Clock,
        *,
        most: int,
        rest_seconds: float,
    ) -> None:
        """Start sessions with `harness`; `place` says where and with what, for each conversation."""
        self._harness = harness
        self._place = place
        self._state = state
        self._clock = clock
        self._most = most
        self._rest_seconds = rest_seconds
        self._open: dict[str, Session] = {}
        self._resting: dict[str, float] = {}

    async def use(self, conversation: str) -> Session:
        """Return the conversation's session, started if need be.

        Raises:
            NotStarted: the program cannot be started.
        """
        self._resting.pop(conversation, None)
        session = self._open.get(conversation)
        if session is None:
            await self._make_room()
            session = self._open[conversation] = await self._start(conversation)
        return session

    def begun(self, conversation: str) -> None:
        """Write down the session's id once it has one: a runner that is killed within the turn goes on with it."""
        session = self._open.get(conversation)
        if session is not None and session.id is not None and self._state.sessions.get(conversation) != session.id:
            self._state.remember_session(conversation, session.id)
            self._state.save()

    def rest(self, conversation: str) -> None:
        """Note that a turn went well: the session can go on, and be ended meanwhile."""
        session = self._open.get(conversation)
        if session is not None:
            self._resting[conversation] = self._clock.steady()
            if session.id is not None:
                self._state.remember_session(conversation, session.id)

    async def drop(self, conversation: str, *, forget: bool = False) -> None:
        """End the conversation's program; with `forget`, the next session begins anew."""
        self._resting.pop(conversation, None)
        session = self._open.pop(conversation, None)
        if session is not None:
            if session.id is not None:
                self._state.remember_session(conversation, session.id)
            await _close(session)
        if forget and self._state.sessions.pop(conversation, None) is not None:
            self._state.save()

    async def sweep(self) -> None:
        """End what has rested long."""
        long_ago = self._clock.steady() - self._rest_seconds
        for conversation in list(self._resting):
            if self._resting.get(conversation, self._clock.steady()) <= long_ago:  # it may have been used meanwhile
                await self.drop(conversation)

    async def close(self) -> None:
        """End all programs."""
        sessions = list(self._open.values())
        self._open.clear()
        self._resting.clear()
        await asyncio.gather(*map(_close, sessions))

    async def _start(self, conversation: str) -> Session:
        earlier = self._state.sessions.get(conversation)
        if earlier is not None:
            try:
                return await self._harness.start(self._place(conversation), earlier)
            except Unknown as error:
                _log.info("%s begins anew: %s", conversation, error)
                del self._state.sessions[conversation]
        return await self._harness.start(self._place(conversation))

    async def _make_room(self) -> None:
        while len(self._open) >= self._most and self._resting:
            await self.drop(min(self._resting, key=self._resting.__getitem__))


async def _close(session: Session) -> None:
    try:
        await session.close()
    except HarnessError as error:
        _log.info("a session did not end well: %s", error)
