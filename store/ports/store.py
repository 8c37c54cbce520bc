"""Port: the store as a whole: transactions, the hot append, and word of what was committed."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from airchat.protocol.events import Event
from store.ports.messages import Appended, MessageDraft
from store.ports.unit import Unit

Result = TypeVar("Result")

Access = Literal["api", "registration"]
"""The rights of a unit of work where the database knows rights: day-to-day work, or enrolment and credentials."""

Committed = Callable[[list[Event]], None]
"""Called on the event loop after each commit of this process, with its events in log order."""

Advanced = Callable[[int], None]
"""Called on the event loop when another process moved the log's head to this number."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """How far a database is: the newest applied step (0 when empty), the newest shipped one, and what is missing."""

    current: int
    latest: int
    pending: tuple[str, ...]


class Store(Protocol):
    """The canonical store. All writes pass one group-committing writer; readers never wait for it."""

    async def open(self) -> None:
        """Connect, and bring the schema up to date.

        Raises:
            store.errors.SchemaTooNew: a newer release, whose schema this one cannot serve, owns the data.
        """
        ...

    async def close(self) -> None:
        """Finish what was accepted, then let go of every connection and thread."""
        ...

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        ...

    def read(self, access: Access = "api") -> AbstractAsyncContextManager[Unit]:
        """Give a consistent snapshot for reading; writing through it fails."""
        ...

    async def look_up(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """Run a few reads by key, in a snapshot shared with others that are asked for meanwhile; return their result.

        Cheaper than `read` where many callers ask at a time, but what is asked for takes turns: nothing long. `work`
        awaits nothing but its unit, as for `write`; writing through it fails.

        Raises:
            Unavailable: the database cannot be read now.
        """
        ...

    async def write(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        """Run a use-case in its own savepoint of the next batch; return its result after the durable commit.

        `work` is a coroutine function that awaits nothing but its unit: an adapter may run it to the end inside the
        writer's thread. It must not touch anything of the event loop, and may run again if the batch has to be
        repeated. An exception it raises rolls back this use-case alone and is raised here.

        Raises:
            Unavailable: the writer's queue is full, or the database cannot write now (a full disk, a lost server).
        """
        ...

    async def append(self, draft: MessageDraft) -> Appended:
        """Write a message; concurrent appends share statements and the commit. Errors as in `Messages.append`."""
        ...

    async def status(self) -> SchemaStatus:
        """Tell how far the schema is; the store need not be open.

        Raises:
            store.errors.SchemaTooNew: as for `open`.
        """
        ...

    async def backup(self, target: Path) -> None:
        """Write a consistent copy of the data to a new file, also while hubs use it; the store need not be open.

        Raises:
            store.errors.NoBackup: the database has tools of its own for this; the text names them.
        """
        ...

    def lead(self, name: str) -> AbstractAsyncContextManager[None]:
        """Wait until this process alone holds `name` among all that share the store, and hold it within the body.

        The hold ends with the process. When it is lost before the body is done, the body is cancelled.

        Raises:
            store.errors.LeadLost: the hold was lost.
        """
        ...

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        """Name who is told of commits, before `open`."""
        ...
