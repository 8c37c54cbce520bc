"""One transaction for many callers: what a batch does with its jobs, whatever the database.

A batch is a coroutine that awaits nothing but its transaction, and so is every unit of work in it. The sessions of
writing connections execute within the call and never suspend, so an adapter drives a whole batch to the end inside the
writer's thread (`store.thread`): one hop to the thread per batch, not one per statement. Readers use the same code over
connections that are awaited on the event loop.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from airchat.protocol.events import Event
from store.errors import TransactionLost
from store.ports.messages import Appended, MessageDraft
from store.ports.unit import Unit

Work = Callable[[Unit], Awaitable[Any]]
Job = MessageDraft | Work


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

    async def alone(self, drafts: Sequence[MessageDraft]) -> list[Appended] | None:
        """Append the drafts as a transaction of their own, with fewer steps than one by `begin` and `commit`.

        None when that was not possible; then nothing has been done.
        """
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job's caller gets."""

    result: Any = None
    error: Exception | None = None


async def run_batch(transaction: Transaction, jobs: Sequence[Job]) -> tuple[list[Outcome], list[Event]]:
    """Run the jobs in order, commit, and return the outcome of each and the events of all.

    Adjacent messages are appended together. A batch of nothing else is its own savepoint, or even a step of its own.

    Raises:
        TransactionLost: nothing was committed, or nobody knows.
    """
    drafts = [job for job in jobs if isinstance(job, MessageDraft)]
    if len(drafts) == len(jobs):
        appended = await transaction.alone(drafts)
        if appended is not None:
            return [Outcome(each) for each in appended], list(transaction.logged)
        with suppress(_Failed):
            return await _committed(transaction, _append_alone, drafts)
        return await _committed(transaction, _append_each, drafts)
    return await _committed(transaction, _run_groups, jobs)


async def _committed(
    transaction: Transaction, run: Callable[[Transaction, Any], Awaitable[list[Outcome]]], jobs: Sequence[Job]
) -> tuple[list[Outcome], list[Event]]:
    """Run the jobs as one transaction."""
    await transaction.begin()
    try:
        outcomes = await run(transaction, jobs)
        events = list(transaction.logged)
        await transaction.commit()
    except BaseException:
        await transaction.rollback()
        raise
    return outcomes, events


async def _append_alone(transaction: Transaction, drafts: list[MessageDraft]) -> list[Outcome]:
    try:
        appended = await transaction.run(lambda unit: unit.messages.append(drafts))
    except TransactionLost:
        raise
    except Exception as error:
        raise _Failed from error
    return [Outcome(each) for each in appended]


async def _run_groups(transaction: Transaction, jobs: Sequence[Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for messages, run in groupby(jobs, key=lambda job: isinstance(job, MessageDraft)):
        together = _append_all if messages else _run_each
        outcomes += await together(transaction, list(run))
    return outcomes


async def _append_all(transaction: Transaction, drafts: list[Any]) -> list[Outcome]:
    """Append all at once; if that fails, one by one, so that a bad message fails alone."""
    together = await _guarded(transaction, lambda unit: unit.messages.append(drafts))
    if together.error is None:
        return [Outcome(appended) for appended in together.result]
    if len(drafts) == 1:
        return [together]
    return await _append_each(transaction, drafts)


async def _append_each(transaction: Transaction, drafts: Sequence[Any]) -> list[Outcome]:
    return [await _guarded(transaction, partial(_append_one, draft)) for draft in drafts]


async def _append_one(draft: MessageDraft, unit: Unit) -> Appended:
    return (await unit.messages.append([draft]))[0]


async def _run_each(transaction: Transaction, jobs: list[Any]) -> list[Outcome]:
    return [await _guarded(transaction, work) for work in jobs]


async def _guarded(transaction: Transaction, work: Work) -> Outcome:
    """Run one work in a savepoint of its own."""
    logged = len(transaction.logged)
    await transaction.savepoint()
    try:
        result = await transaction.run(work)
    except TransactionLost:
        raise
    except Exception as error:  # noqa: BLE001 - it is the caller's: raised there
        await transaction.undo()
        del transaction.logged[logged:]
        return Outcome(error=error)
    await transaction.release()
    return Outcome(result)
