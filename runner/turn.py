"""One turn: a prompt until the agent is done with it, within its limits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from runner.clock import Clock
from runner.harness.port import Broken, Done, Event, HarnessError, Session, Stop, Text, ToolCall, Usage

CANCEL_GRACE = 10.0
"""Seconds a program has to end a prompt that was cancelled, before it is ended itself."""

_SHORTEST = 0.5

SILENCE = "NO REPLY"
"""What an agent says that has nothing to say."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a turn may take: seconds, and calls of tools."""

    seconds: float
    tool_calls: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended. `answer` is what the agent said last; `detail` says why it did not end well.

    `lost` tells that the session ended with it, as the program did not stop by itself.
    """

    stop: Stop
    answer: str = ""
    detail: str = ""
    tool_calls: int = 0
    usage: Usage | None = None
    seconds: float = 0.0
    lost: bool = False


class Turn:
    """A turn of a session; `watch` hears of every event."""

    def __init__(self, session: Session, bounds: Bounds, clock: Clock, watch: Callable[[Event], None]) -> None:
        self._session = session
        self._bounds = bounds
        self._clock = clock
        self._watch = watch
        self._asked = asyncio.Event()
        self._stopped: tuple[Stop, str] | None = None
        self._done: Done | None = None
        self._said: list[str] = []
        self._moved_on = False
        self._tool_calls = 0
        self._usage: Usage | None = None
        self._holds = 0
        self._held_since = 0.0
        self._held_seconds = 0.0

    async def run(self, prompt: str) -> Outcome:
        """Prompt the session and return how it went.

        Raises:
            HarnessError: the program broke off, and not because it was told to.
        """
        started, lost = self._clock.steady(), False
        guard = asyncio.create_task(self._guard(), name="turn's deadline")
        try:
            async for event in self._session.prompt(prompt):
                self._watch(event)
                self._take(event)
        except Broken:
            if self._stopped is None:
                raise
            lost = True
        finally:
            guard.cancel()
        stop, detail = self._end()
        return Outcome(
            stop, self._answer(), detail, self._tool_calls, self._usage, self._clock.steady() - started, lost
        )

    def stop(self, reason: str, stop: Stop = Stop.CANCELLED) -> None:
        """Let the turn end early, as one that is done for good; the first reason counts."""
        self._stopped = self._stopped or (stop, reason)
        self._asked.set()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[asyncio.Event]:
        """Stop the time meanwhile, as while people are asked; gives the event that the turn is to end."""
        if not self._holds:
            self._held_since = self._clock.steady()
        self._holds += 1
        try:
            yield self._asked
        finally:
            waited = self._waited()
            self._holds -= 1
            if not self._holds:
                self._held_seconds = waited

    @property
    def usage(self) -> Usage | None:
        """What the turn has cost, as far as the program has said."""
        return self._usage

    async def _guard(self) -> None:
        """Cancel the prompt when asked to or at its deadline, and end the program if that does not help."""
        begun = self._clock.steady()
        while (left := begun + self._bounds.seconds + self._waited() - self._clock.steady()) > 0:
            if await self._clock.wait(self._asked, max(left, _SHORTEST)):
                break
        else:
            self.stop(f"it took longer than {self._bounds.seconds:g} seconds", Stop.LIMIT)
        with suppress(HarnessError):
            await self._session.cancel()
        await self._clock.sleep(CANCEL_GRACE)
        await self._session.close()

    def _waited(self) -> float:
        return self._held_seconds + (self._clock.steady() - self._held_since if self._holds else 0.0)

    def _take(self, event: Event) -> None:
        match event:
            case Text(text):
                if self._moved_on:
                    self._said.clear()
                self._moved_on = False
                self._said.append(text)
            case ToolCall():
                self._moved_on = True
                self._tool_calls += 1
                if self._tool_calls > self._bounds.tool_calls:
                    self.stop(f"it used tools more than {self._bounds.tool_calls} times", Stop.LIMIT)
            case Usage():
                self._usage = event
            case Done():
                self._done = event
            case _:
                pass

    def _end(self) -> tuple[Stop, str]:
        if self._stopped is not None:
            return self._stopped
        if self._done is None:
            raise Broken("the program said nothing more, and not that it was done")
        return self._done.stop, self._done.detail

    def _answer(self) -> str:
        answer = "\n\n".join(filter(None, map(str.strip, self._said)))
        return "" if answer.strip(" .*_`").upper() == SILENCE else answer
