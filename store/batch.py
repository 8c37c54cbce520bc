"""One transaction for many callers: what a batch does with its jobs, whatever the database.

A batch is a coroutine that awaits nothing but its transaction, and so is every unit of work in it. The sessions of
writing connections execute within the call and never suspend, so an adapter drives a whole batch to the end inside the
writer's thread (`store.thread`): one hop to the thread per batch, not one per statement. Readers use the same code over
connections that are awaited on the event loop.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from airchat.protocol.events import Event
from airchat.protocol.record import record
from store.errors import TransactionLost
from store.ports.messages import Appended, MessageDraft
from store.ports.unit import Unit

Work = Callable[[Unit], Awaitable[Any]]


class Prepared(Protocol):
    """A message to append, with whatever its adapter worked out before its turn came, so that the turn is short."""

    @property
    def draft(self) -> MessageDraft:
        """The message."""
        ...


Job = Prepared | Work


class Transaction(Protocol):
    """What a batch needs of a database. Each method may raise `TransactionLost`."""

    @property
    def unit(self) -> Unit:
        """The nouns."""
        ...

    @property
    def logged(self) -> list[Event]:
        """The events of the transaction so far; the batch takes back those of what it undoes."""
        ...

    async def begin(self) -> None:
        """Start, shutting out every other writer until the end."""
        ...

    async def commit(self) -> None:
        """End durably."""
        ...

    async def rollback(self) -> None:
        """End as if nothing had been; never raises."""
        ...

    async def alone(self, messages: Sequence[Any]) -> "Report | None":
        """Append what the adapter prepared as a transaction of its own, in fewer steps than by `begin` and `commit`.

        None when that was not possible; then nothing has been done.
        """
        ...

    async def append(self, messages: Sequence[Any]) -> list[Appended]:
        """Append what the adapter prepared; errors as in `Messages.append`."""
        ...

    async def savepoint(self) -> None:
        """Mark where `undo` returns to."""
        ...

    async def release(self) -> None:
        """Forget the mark."""
        ...

    async def undo(self) -> None:
        """Return to the mark and forget it."""
        ...

    async def run(self, work: Work) -> Any:
        """Run a unit of work to its end."""
        ...


class _Failed(Exception):
    """Messages could not be appended together."""


@record
class Outcome:
    """What a job's caller gets."""

    result: Any = None
    error: Exception | None = None


Report = Callable[[], tuple[list[Outcome], list[Event]]]
"""Gives the outcome of each job of a committed batch, and the events of all; to be called on the event loop.

What need not be made for the commit is made there: a thread that worked on while the loop works too would only take
turns with it, and each turn costs both of them time.
"""


async def run_batch(transaction: Transaction, jobs: Sequence[Job]) -> Report:
    """Run the jobs in order, commit, and return what became of them.

    Adjacent messages are appended together. A batch of nothing else is its own savepoint, or even a step of its own.

    Raises:
        TransactionLost: nothing was committed, or nobody knows.
    """
    if any(map(callable, jobs)):
        return await _committed(transaction, _run_groups, jobs)
    report = await transaction.alone(jobs)
    if report is not None:
        return report
    with suppress(_Failed):
        return await _committed(transaction, _append_alone, jobs)
    return await _committed(transaction, _append_each, jobs)


async def _committed(
    transaction: Transaction, run: Callable[[Transaction, Any], Awaitable[list[Outcome]]], jobs: Sequence[Job]
) -> Report:
    """Run the jobs as one transaction."""
    await transaction.begin()
    try:
        outcomes = await run(transaction, jobs)
        events = list(transaction.logged)
        await transaction.commit()
    except BaseException:
        await transaction.rollback()
        raise
    return lambda: (outcomes, events)


async def _append_alone(transaction: Transaction, messages: Sequence[Job]) -> list[Outcome]:
    try:
        appended = await transaction.append(messages)
    except TransactionLost:
        raise
    except Exception as error:
        raise _Failed from error
    return [Outcome(each) for each in appended]


async def _run_groups(transaction: Transaction, jobs: Sequence[Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for works, run in groupby(jobs, key=callable):
        together = _run_each if works else _append_all
        outcomes += await together(transaction, list(run))
    return outcomes


async def _append_all(transaction: Transaction, messages: list[Any]) -> list[Outcome]:
    """Append all at once; if that fails, one by one, so that a bad message fails alone."""
    together = await _guarded(transaction, partial(transaction.append, messages))
    if together.error is None:
        return [Outcome(appended) for appended in together.result]
    if len(messages) == 1:
        return [together]
    return await _append_each(transaction, messages)


async def _append_each(transaction: Transaction, messages: Sequence[Any]) -> list[Outcome]:
    return [await _guarded(transaction, partial(_append_one, transaction, message)) for message in messages]


async def _append_one(transaction: Transaction, message: Any) -> Appended:
    return (await transaction.append([message]))[0]


async def _run_each(transaction: Transaction, jobs: list[Any]) -> list[Outcome]:
    return [await _guarded(transaction, partial(transaction.run, work)) for work in jobs]


async def _guarded(transaction: Transaction, work: Callable[[], Awaitable[Any]]) -> Outcome:
    """Run one work in a savepoint of its own."""
    logged = len(transaction.logged)
    await transaction.savepoint()
    try:
        result = await work()
    except TransactionLost:
        raise
    except Exception as error:  # noqa: BLE001 - it is the caller's: raised there
        await transaction.undo()
        del transaction.logged[logged:]
        return Outcome(error=error)
    await transaction.release()
    return Outcome(result)
