"""Programs that live for one turn: started for each prompt, which they read to its end, and gone on with by an id."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from runner.harness.child import Child
from runner.harness.port import Broken, Done, Event, Place, Session, Stop, Unknown


class Reader(Protocol):
    """Understands what the program writes in one turn. `session_id` is known once it has said it."""

    session_id: str | None

    def read(self, row: dict[str, Any]) -> Sequence[Event]:
        """Return what a line tells of; `Done` last."""
        ...


class Dialect(Protocol):
    """What is special about a program."""

    def command(self, place: Place, session_id: str | None) -> Sequence[str]:
        """Return how it is started, to go on with a session or begin one; everybody on the machine can read that."""
        ...

    def reader(self) -> Reader:
        """Return a reader for one turn."""
        ...


class TurnHarness:
    """Starts a program for each prompt."""

    def __init__(self, dialect: Dialect, env: Mapping[str, str] | None = None) -> None:
        """Speak a dialect; `env` comes over the environment."""
        self._dialect = dialect
        self._env = env or {}

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; the program is started with the first prompt, and only then it shows whether it can be."""
        return TurnSession(self._dialect, self._env, place, resume)


class TurnSession:
    """One conversation."""

    def __init__(self, dialect: Dialect, env: Mapping[str, str], place: Place, session_id: str | None) -> None:
        self._dialect = dialect
        self._env = env
        self._place = place
        self._id = session_id
        self._child: Child | None = None
        self._cancel = asyncio.Event()

    @property
    def id(self) -> str | None:
        """What the program calls its session."""
        return self._id

    async def prompt(self, text: str) -> AsyncIterator[Event]:
        """Run the program on a prompt.

        Raises:
            NotStarted: it cannot be started.
            Unknown: it ended at once when it was to go on with a session.
            Broken: it ended before it was done.
        """
        self._cancel.clear()
        resumed, reader = self._id, self._dialect.reader()
        command = self._dialect.command(self._place, resumed)
        begin = f"{self._place.instructions}\n\n{text}" if resumed is None and self._place.instructions else text
        child = self._child = await Child.start(command, self._place.cwd, self._env)
        try:
            if self._cancel.is_set():
                yield Done(Stop.CANCELLED)
                return
            await child.write(begin, last=True)
            async for row in child.rows():
                for event in reader.read(row):
                    self._id = reader.session_id or self._id
                    yield event
                    if isinstance(event, Done):
                        return
            if self._cancel.is_set():
                yield Done(Stop.CANCELLED)
                return
            reason = await child.epitaph()
            raise Unknown(reason) if resumed is not None and reader.session_id is None else Broken(reason)
        finally:
            self._child = None
            await child.end()

    async def cancel(self) -> None:
        """Interrupt the program, or keep it from beginning."""
        self._cancel.set()
        if self._child is not None:
            self._child.interrupt()

    async def close(self) -> None:
        """End the program."""
        if self._child is not None:
            await self._child.end()
