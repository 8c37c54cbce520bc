"""The group-committing writer: every write of a process goes through its queue.

It takes whatever is queued, commits it as one transaction, answers the callers, and only then announces the events.
There is no lingering: the next batch forms while the present one commits, and begins without a word from the event
loop, which may be busy with the answers of the one before. Of a long queue a batch takes half: while it commits, the
loop answers the half before, and so neither waits for the other.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from airchat.protocol.errors import Unavailable
from store.announcer import Announcer
from store.batch import Job, Outcome, Report
from store.errors import TransactionLost
from store.outage import Outage

_log = logging.getLogger(__name__)

BATCH = 512
CAPACITY = 8192

SHORT = 32
"""So long a queue is not halved: what a commit costs would weigh more than what is gained."""

TURNS = 64
"""How many batches follow each other before a run ends, so that others get the thread, and what else it holds."""

Result = Report | Exception
"""What `store.batch.run_batch` returned or raised."""

Take = Callable[[], list[Job]]
"""Gives the jobs of the next batch, none to stop; may be called in any thread."""

Settle = Callable[[Result], None]
"""Takes the results of the batches, one by one in their order; must be called on the event loop."""

Run = Callable[[Take, Settle], Awaitable[None]]
"""Runs `store.batch.run_batch` over the adapter's transaction, wherever that has to happen, until no jobs are left.

What it gives is done when all is settled; a future, rather than a coroutine, is under way at once.
"""


_Waiting = tuple[Job, asyncio.Future[Any]]


class Writer:
    """One queue, and one run at a time. `capacity` bounds what waits, `batch` what shares a transaction."""

    def __init__(self, run: Run, announcer: Announcer, *, capacity: int = CAPACITY, batch: int = BATCH) -> None:
        self._run = run
        self._announcer = announcer
        self._capacity = capacity
        self._batch = batch
        self._queue: deque[_Waiting] = deque()
        self._running: deque[list[_Waiting]] = deque()
        self._turns = 0
        self._open = False
        self._full = Outage(_log, "writes are refused: %s of them wait", "writes are taken again")
        self._lost = Outage(_log, "the store refuses writes: %s", "the store takes writes again")
        self._under_way: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """How many jobs no batch has taken yet."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to take jobs."""
        self._open = True

    async def close(self) -> None:
        """Finish what is queued and take nothing more."""
        self._open = False
        while self._under_way is not None:
            await asyncio.wait([self._under_way])

    def submit(self, job: Job) -> asyncio.Future[Any]:
        """Queue a job; what is returned has its result after the commit.

        A caller that is cancelled while waiting leaves the batch alone: what had begun is committed.

        Raises:
            Unavailable: the queue is full, the writer is closed, or the database cannot write now.
        """
        if not self._open:
            raise Unavailable("The hub is stopping.")
        if len(self._queue) >= self._capacity:
            self._full.begin(self._capacity)
            raise Unavailable
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append((job, answer))
        if self._under_way is None:
            self._begin()
        return answer

    def _begin(self) -> None:
        self._turns = TURNS
        self._under_way = asyncio.ensure_future(self._run(self._take, self._settle))
        self._under_way.add_done_callback(self._end)

    def _end(self, run: asyncio.Future[None]) -> None:
        """Give the callers what ended the run too early, and begin the next one for what was queued meanwhile."""
        self._under_way = None
        if isinstance(error := run.exception(), Exception):
            while self._running:
                self._settle(error)
        if self._queue:
            self._begin()

    def _take(self) -> list[Job]:
        batch: list[_Waiting] = []
        most = min(self._batch, max(SHORT, (len(self._queue) + 1) // 2))
        while self._turns and self._queue and len(batch) < most:
            waiting = self._queue.popleft()
            if not waiting[1].done():
                batch.append(waiting)
        if batch:
            self._turns -= 1
            self._running.append(batch)
        return [job for job, _ in batch]

    def _settle(self, result: Result) -> None:
        batch = self._running.popleft()
        if isinstance(result, TransactionLost):
            self._lost.begin(result.__cause__ or result)
            result = Unavailable("The hub cannot store anything now.")
        elif not isinstance(result, Exception):
            self._lost.end()
        if 2 * len(self._queue) <= self._capacity:  # not at the first place that is free: the next one takes that
            self._full.end()
        outcomes, events = ([Outcome(error=result)] * len(batch), []) if isinstance(result, Exception) else result()
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if answer.done():
                continue
            if outcome.error is None:
                answer.set_result(outcome.result)
            else:
                answer.set_exception(outcome.error)
        self._announcer.own(events)
