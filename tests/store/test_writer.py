"""The group-committing writer over a transaction that only keeps a diary."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from airchat.protocol.channels import Channel, ChannelType
from airchat.protocol.errors import Conflict, Unavailable
from airchat.protocol.events import Event, EventKind
from store.announcer import Announcer
from store.batch import Job, Work, run_batch
from store.errors import TransactionLost
from store.ports.messages import MessageDraft
from store.ports.unit import Unit
from store.writer import Result, Settle, Take, Writer

CHANNEL = Channel("c", "general", ChannelType.GLOBAL, 0)


@dataclass(frozen=True)
class Prepared:
    draft: MessageDraft


def draft(content: str) -> Prepared:
    return Prepared(MessageDraft(content, CHANNEL, "a", "ann", content, 0))


class Diary:
    """A transaction and its unit in one: `append` logs an event per message and refuses the content `bad`."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.logged: list[Event] = []
        self.seq = 0
        self.lost = False
        self.pause: asyncio.Event | None = None
        self.unit = cast("Unit", self)

    async def append(self, messages: Sequence[Any]) -> list[Any]:
        contents = [each.draft.content for each in messages]
        self.entries.append("append " + " ".join(contents))
        for content in contents:
            self.log()
            if content == "bad":
                raise Conflict("bad")
        return contents

    def log(self) -> None:
        self.logged.append(
            Event(len(self.logged) + self.seq + 1, EventKind.READ_MOVED, 0, None, None, None, None, "{}")
        )

    async def begin(self) -> None:
        self.logged.clear()
        if self.pause is not None:
            await self.pause.wait()
        if self.lost:
            raise TransactionLost("the disk is full")
        self.entries.append("begin")

    async def commit(self) -> None:
        self.seq += len(self.logged)
        self.entries.append("commit")

    async def rollback(self) -> None:
        self.entries.append("rollback")

    async def alone(self, _messages: Sequence[Any]) -> None:
        pass

    async def savepoint(self) -> None:
        pass

    async def release(self) -> None:
        pass

    async def undo(self) -> None:
        self.entries.append("undo")

    async def run(self, work: Work) -> Any:
        return await work(self.unit)


class Setting:
    def __init__(self, **limits: int) -> None:
        self.diary = Diary()
        self.heard: list[list[int]] = []
        self.advanced: list[int] = []
        announcer = Announcer()
        announcer.listen(lambda events: self.heard.append([event.seq for event in events]), self.advanced.append)
        self.writer = Writer(self.run, announcer, **limits)

    async def run(self, take: Take, settle: Settle) -> None:
        while jobs := take():
            try:
                result: Result = await run_batch(self.diary, jobs)
            except Exception as error:  # noqa: BLE001 - as adapters do
                result = error
            settle(result)

    async def together(self, *jobs: Job) -> list[Any]:
        """Start the writer once all jobs are queued, so that they share a batch."""
        self.writer.start()
        self.diary.pause = asyncio.Event()
        first = self.writer.submit(log_nothing)
        await settle()
        rest = [self.writer.submit(job) for job in jobs]
        await settle()
        self.diary.pause.set()
        results = await asyncio.gather(first, *rest, return_exceptions=True)
        if not self.diary.lost:
            assert self.diary.entries[:2] == ["begin", "commit"]
            del self.diary.entries[:2]
        return results[1:]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def log_nothing(_unit: Unit) -> None:
    """Do nothing."""


def logging(diary: Diary, error: Exception | None = None) -> Callable[[Unit], Awaitable[str]]:
    async def work(_unit: Unit) -> str:
        diary.log()
        if error is not None:
            raise error
        return "done"

    return work


async def test_what_is_queued_shares_a_commit_and_one_announcement() -> None:
    setting = Setting()

    results = await setting.together(draft("one"), draft("two"), logging(setting.diary), draft("three"))

    assert results == ["one", "two", "done", "three"]
    assert setting.diary.entries == ["begin", "append one two", "append three", "commit"]
    assert setting.heard == [[1, 2, 3, 4]]
    await setting.writer.close()


async def test_bad_message_fails_alone_and_leaves_no_gap() -> None:
    setting = Setting()

    one, bad, two = await setting.together(draft("one"), draft("bad"), draft("two"))

    assert (one, two) == ("one", "two")
    assert isinstance(bad, Conflict)
    assert setting.diary.entries == [
        "begin",
        "append one bad two",
        "rollback",
        "begin",
        "append one",
        "append bad",
        "undo",
        "append two",
        "commit",
    ]
    assert setting.heard == [[1, 2]]
    await setting.writer.close()


async def test_failed_work_takes_its_events_back() -> None:
    setting = Setting()
    diary = setting.diary

    first, failed, last = await setting.together(logging(diary), logging(diary, Conflict("no")), logging(diary))

    assert (first, last) == ("done", "done")
    assert isinstance(failed, Conflict)
    assert setting.heard == [[1, 2]]
    await setting.writer.close()


async def test_lost_database_answers_unavailable_and_the_writer_recovers(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting()
    setting.diary.lost = True
    answers = await setting.together(log_nothing)
    assert [type(answer) for answer in answers] == [Unavailable]

    setting.diary.lost = False

    assert await setting.writer.submit(draft("again")) == "again"
    assert setting.heard == [[1]]
    await setting.writer.close()
    said = [record.getMessage() for record in caplog.records if record.name == "store.writer"]
    assert said == ["the store refuses writes: the disk is full", "the store takes writes again"]


async def test_database_lost_within_a_batch_fails_all_of_it() -> None:
    setting = Setting()
    lost = logging(setting.diary, TransactionLost("gone"))

    answers = await setting.together(draft("one"), lost)

    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert setting.diary.entries == ["begin", "append one", "rollback"]
    assert setting.heard == []
    await setting.writer.close()


async def test_full_queue_refuses_at_once_and_tells_so_once(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting(capacity=2)
    setting.diary.pause = asyncio.Event()
    setting.writer.start()
    tasks = [setting.writer.submit(draft("first"))]
    await settle()
    tasks += [setting.writer.submit(draft(str(number))) for number in range(2)]
    await settle()

    for _ in range(3):
        with pytest.raises(Unavailable):
            await setting.writer.submit(draft("too much"))
    said = ["writes are refused: 2 of them wait"]
    assert [record.getMessage() for record in caplog.records if record.name == "store.writer"] == said

    setting.diary.pause.set()
    assert await asyncio.gather(*tasks) == ["first", "0", "1"]
    await setting.writer.close()
    said += ["writes are taken again"]
    assert [record.getMessage() for record in caplog.records if record.name == "store.writer"] == said


async def test_batch_is_bounded() -> None:
    setting = Setting(batch=2)
    await setting.together(draft("1"), draft("2"), draft("3"))
    assert setting.diary.entries == ["begin", "append 1 2", "commit", "begin", "append 3", "commit"]
    assert setting.heard == [[1, 2], [3]]
    await setting.writer.close()


async def test_batch_takes_half_of_a_long_queue() -> None:
    setting = Setting()
    await setting.together(*(draft(str(number)) for number in range(100)))
    assert [len(seqs) for seqs in setting.heard] == [50, 32, 18]
    await setting.writer.close()


async def test_cancelled_callers_do_not_break_the_batch() -> None:
    setting = Setting()
    setting.diary.pause = asyncio.Event()
    setting.writer.start()
    begun = setting.writer.submit(draft("begun"))
    await settle()
    waiting = setting.writer.submit(draft("waiting"))
    last = setting.writer.submit(draft("last"))
    await settle()
    begun.cancel()
    waiting.cancel()
    await settle()
    setting.diary.pause.set()

    assert await last == "last"
    assert setting.diary.entries == ["begin", "append begun", "commit", "begin", "append last", "commit"]
    assert setting.heard == [[1], [2]]
    await setting.writer.close()


async def test_close_finishes_what_is_queued_and_takes_no_more() -> None:
    setting = Setting()
    setting.writer.start()
    queued = [setting.writer.submit(draft(str(number))) for number in range(3)]

    await setting.writer.close()

    assert [task.result() for task in queued] == ["0", "1", "2"]
    with pytest.raises(Unavailable):
        await setting.writer.submit(log_nothing)


async def test_commits_of_others_are_told_before_our_own() -> None:
    setting = Setting()
    setting.diary.seq = 5
    assert await setting.together(draft("ours")) == ["ours"]
    assert (setting.advanced, setting.heard) == ([5], [[6]])
    await setting.writer.close()
