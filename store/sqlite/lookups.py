"""Look-ups: small reads that many callers ask for at a time, answered together by a thread of their own."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from airchat.protocol.errors import Unavailable
from store.batch import Outcome, Work
from store.errors import TransactionLost
from store.ports.unit import Unit
from store.sql.nouns.search import SQLITE
from store.sql.unit import SqlUnit
from store.sqlite.connection import READER
from store.sqlite.thread import SqliteSession
from store.thread import drive

_Waiting = tuple[Work, asyncio.Future[Any]]


class Lookups:
    """A connection and a thread: one hop for all that is asked in a round of the loop, or while the thread is busy.

    What shares a hop shares a snapshot, which begins after all of it was asked and ends with the last answer.
    """

    def __init__(self, path: Path, queries: dict[str, str]) -> None:
        self._path = path
        self._queries = queries
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite-lookups")
        self._open = False
        self._waiting: list[_Waiting] = []
        self._asked: list[_Waiting] = []

    async def open(self) -> None:
        """Connect."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._connect)
        self._open = True

    async def close(self) -> None:
        """Answer what was asked, and disconnect."""
        was_open, self._open = self._open, False
        if answers := [answer for _, answer in (*self._asked, *self._waiting)]:
            await asyncio.wait(answers)
        if was_open:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._connection.close)
        self._executor.shutdown(wait=False)

    async def run(self, work: Callable[[Unit], Awaitable[Any]]) -> Any:
        """Run the work to its end in the thread and return its result."""
        if not self._open:
            raise Unavailable("The hub is stopping.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        if not self._waiting and not self._asked:
            loop.call_soon(self._ask)
        self._waiting.append((work, answer))
        return await answer

    def _ask(self) -> None:
        self._asked, self._waiting = self._waiting, []
        works = [work for work, _ in self._asked]
        answering = asyncio.get_running_loop().run_in_executor(self._executor, self._look_up, works)
        answering.add_done_callback(self._settle)

    def _settle(self, answering: asyncio.Future[list[Outcome]]) -> None:
        asked, self._asked = self._asked, []
        if self._waiting:
            self._ask()
        for (_, answer), outcome in zip(asked, answering.result(), strict=True):
            if answer.done():
                continue
            if outcome.error is None:
                answer.set_result(outcome.result)
            else:
                answer.set_exception(outcome.error)

    # In the thread

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None, cached_statements=256)
        self._connection.row_factory = sqlite3.Row
        for setting in READER:
            self._connection.execute(setting)
        self._session = SqliteSession(self._connection, self._queries)
        self._unit = SqlUnit(self._session, SQLITE)

    def _look_up(self, works: Sequence[Work]) -> list[Outcome]:
        """Return the outcome of each; nothing is raised."""
        try:
            self._session.run("BEGIN")
        except Exception as error:  # noqa: BLE001 - each caller gets it
            return [Outcome(error=_told(error))] * len(works)
        try:
            return [self._outcome(work) for work in works]
        finally:
            with suppress(sqlite3.Error):  # a database that failed has no transaction any more
                self._connection.rollback()

    def _outcome(self, work: Work) -> Outcome:
        try:
            return Outcome(drive(cast("Coroutine[Any, Any, Any]", work(self._unit))))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            return Outcome(error=_told(error))


def _told(error: Exception) -> Exception:
    """Return what a caller gets to see of the error."""
    if not isinstance(error, TransactionLost):
        return error
    unavailable = Unavailable()
    unavailable.__cause__ = error
    return unavailable
