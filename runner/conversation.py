"""A conversation: errands in order, one turn after the other, each until it ended well or was given up."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from runner.backoff import Backoff
from runner.clock import Clock
from runner.errand import Errand
from runner.harness.port import HarnessError, NotStarted, Unavailable

BATCH = 20
BATCH_LENGTH = 24_000

_log = logging.getLogger(__name__)

PATIENCE = 4
"""How many times as often as after a crash is tried again when it is the model that gives no answer."""


class Work(Protocol):
    """Deals with errands that have one target."""

    async def __call__(self, batch: Sequence[Errand], *, failures: int = 0) -> None:
        """Deal with them, after so many tries that failed.

        Raises:
            HarnessError: they must be dealt with again.
        """
        ...


GiveUp = Callable[[Sequence[Errand], str], Awaitable[None]]
"""Ends errands that cannot be dealt with; the text says why."""


class Conversation:
    """The errands of one session. What comes while a turn is under way waits for the next one."""

    def __init__(self, work: Work, give_up: GiveUp, slots: asyncio.Semaphore, clock: Clock, *, attempts: int) -> None:
        """Do about `attempts` turns about the same; only as many turns at once as there are `slots`."""
        self._work = work
        self._give_up = give_up
        self._slots = slots
        self._clock = clock
        self._attempts = attempts
        self._backoff = Backoff()
        self._queue: deque[Errand] = deque()
        self._busy = 0
        self._failed = 0.0
        self._closing = asyncio.Event()

    def add(self, errand: Errand) -> None:
        """Put an errand behind the others."""
        self._queue.append(errand)

    def remove(self, message_id: str) -> None:
        """Forget what is asked by a message that was deleted, unless it is being dealt with."""
        busy, rest = list(self._queue)[: self._busy], list(self._queue)[self._busy :]
        self._queue = deque([*busy, *(errand for errand in rest if errand.cause != message_id)])

    async def run(self) -> None:
        """Deal with all errands, and with those that come meanwhile, until it is closed."""
        while self._queue and not self._closing.is_set():
            async with self._slots:
                delay = await self._turn()
            if delay:
                await self._clock.wait(self._closing, delay)

    def close(self) -> None:
        """Begin no further turn; what was not dealt with stays in the agent's inbox."""
        self._closing.set()

    async def _turn(self) -> float:
        """Try the first errands, if there still are any; returns how long to wait before the next try."""
        if not self._queue or self._closing.is_set():
            return 0.0
        batch = _batch(self._queue)
        self._busy = len(batch)
        try:
            await self._work(batch, failures=self._backoff.failures)
        except HarnessError as error:
            self._failed += _weight(error)
            if self._failed < self._attempts:
                self._busy = 0
                delay = self._backoff.next()
                _log.warning("a turn broke off (%s); trying again in %.0f s", error, delay)
                return delay
            await self._give_up(batch, str(error))
        for _ in batch:
            self._queue.popleft()
        self._busy = 0
        self._failed = 0.0
        self._backoff.reset()
        return 0.0


def _weight(error: HarnessError) -> float:
    """Return how much a failure counts: what cannot even be started is not the errands' fault."""
    return 0.0 if isinstance(error, NotStarted) else 1 / PATIENCE if isinstance(error, Unavailable) else 1.0


def _batch(queue: Sequence[Errand]) -> list[Errand]:
    """Return the errands at the front that can be dealt with in one turn: messages whose answer goes to one place."""
    batch: list[Errand] = []
    size = 0
    for errand in queue:
        size += len(errand.message.content) if errand.message else 0
        alike = not batch or (errand.message is not None and batch[0].message is not None)
        if batch and (not alike or errand.target != batch[0].target or len(batch) == BATCH or size > BATCH_LENGTH):
            break
        batch.append(errand)
    return batch
