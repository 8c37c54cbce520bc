"""A harness that does what its script says: for tests, and for trying a set-up without a model."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from runner.harness.port import (
    Broken,
    Done,
    Event,
    Permission,
    PermissionRequest,
    Place,
    Session,
    Stop,
    Text,
    Unknown,
)

Step = Event | PermissionRequest | Exception | float
Script = Callable[[str], Iterable[Step]]
"""What is done about a prompt: events are given, requests asked, exceptions raised; numbers are seconds to wait."""


def echo(prompt: str) -> Iterable[Step]:
    """Say that the prompt came."""
    return [Text(f"I was given {len(prompt)} characters.")]


@dataclass
class ScriptedHarness:
    """Remembers every prompt, with its session, in `prompts`, and what was answered to requests in `verdicts`."""

    script: Script = echo
    prompts: list[tuple[str, str]] = field(default_factory=list)
    started: list[str | None] = field(default_factory=list)
    verdicts: list[bool] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; see the port."""
        if resume is not None and resume not in self.known:
            raise Unknown(f"there is no session {resume}")
        self.started.append(resume)
        session = ScriptedSession(self, place, resume or str(uuid.uuid4()))
        self.known.add(session.id)
        return session


class ScriptedSession:
    """One conversation."""

    def __init__(self, harness: ScriptedHarness, place: Place, session_id: str) -> None:
        self._harness = harness
        self.place = place
        self._id = session_id
        self._stop = asyncio.Event()
        self._closed = False

    @property
    def id(self) -> str:
        """The session's name."""
        return self._id

    async def prompt(self, text: str) -> AsyncIterator[Event]:
        """Do what the script says."""
        self._harness.prompts.append((self._id, text))
        self._stop.clear()
        for step in self._harness.script(text):
            await asyncio.sleep(0)
            if isinstance(step, int | float):
                await self._pause(step)
            if self._closed:
                raise Broken("the session was closed")
            if self._stop.is_set():
                yield Done(Stop.CANCELLED)
                return
            match step:
                case Exception():
                    raise step
                case PermissionRequest():
                    verdict = await self.place.ask(step)
                    self._harness.verdicts.append(verdict.allowed)
                    yield Permission(step, verdict.allowed)
                case Done():
                    yield step
                    return
                case int() | float():
                    pass
                case _:
                    yield step
        yield Done(Stop.END)

    async def cancel(self) -> None:
        """Stop at the next step."""
        self._stop.set()

    async def close(self) -> None:
        """End."""
        self._closed = True
        self._stop.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
