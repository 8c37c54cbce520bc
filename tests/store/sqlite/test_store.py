"""What is particular to SQLite: the file, the thread, other processes, a full disk."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from airchat.protocol.errors import Conflict, Unavailable
from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.inbox import InboxKind
from store.errors import ReadOnly, SchemaTooNew
from store.ports.messages import Addressee, Appended
from store.ports.unit import Unit
from store.sqlite.store import SqliteStore
from tests.contract.store.world import World
from tests.waiting import SECONDS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "hub.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path)
    await opened.open()
    yield opened
    await opened.close()


def ask(path: Path, query: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def test_file_is_its_owners_only_and_in_wal_mode(store: SqliteStore, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ask(path, "PRAGMA journal_mode") == "wal"


async def test_writer_syncs_every_commit_and_checks_foreign_keys(store: SqliteStore) -> None:
    assert store._transaction is not None
    session = store._transaction.session
    found = await store._thread.call(
        lambda: [session.run(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")]
    )
    assert found == [2, 1]


async def test_look_ups_under_way_are_answered_before_the_store_closes(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    looks = [asyncio.ensure_future(store.look_up(lambda unit: unit.events.head())) for _ in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*looks) == [0] * 5
    with pytest.raises(Unavailable):
        await store.look_up(lambda unit: unit.events.head())


async def test_work_that_awaits_something_else_fails_alone(store: SqliteStore) -> None:
    world = World(store)

    async def sleepy(unit: Unit) -> None:
        await unit.events.append([EventDraft(EventKind.READ_MOVED, 0)])
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaited something other than its unit"):
        await store.write(sleepy)

    await world.principal("ann")
    async with store.read() as unit:
        assert await unit.events.head() == 0


async def test_reader_may_not_write(store: SqliteStore) -> None:
    async with store.read() as unit:
        with pytest.raises(ReadOnly):
            await unit.events.append([EventDraft(EventKind.READ_MOVED, 0)])


async def test_more_readers_than_connections_wait_and_cancelled_ones_give_theirs_back(path: Path) -> None:
    store = SqliteStore(path, readers=1)
    await store.open()
    inside = asyncio.Event()

    async def hold() -> None:
        async with store.read():
            inside.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    holder.cancel()
    async with asyncio.timeout(SECONDS), store.read() as unit:
        assert await unit.events.head() == 0
    await store.close()


async def test_full_disk_is_unavailable_and_passes(store: SqliteStore) -> None:
    world = World(store)
    ann = await world.principal("ann")
    channel = await world.channel("general")
    assert store._transaction is not None
    session = store._transaction.session
    pages = (await store._thread.call(lambda: session.run("PRAGMA page_count").fetchone()))[0]
    await store._thread.call(lambda: session.run(f"PRAGMA max_page_count = {pages}").fetchall())

    big = [world.draft(channel, ann, "x" * 30_000) for _ in range(20)]
    results = await asyncio.gather(*(store.append(draft) for draft in big), return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}

    await store._thread.call(lambda: session.run("PRAGMA max_page_count = 1000000").fetchall())
    appended = await store.append(world.draft(channel, ann, "room again"))
    assert appended.event is not None
    assert (appended.message.number, appended.event.seq) == (1, 1)


async def test_numbers_stay_dense_when_processes_write_in_turn(path: Path) -> None:
    ours, other = SqliteStore(path), SqliteStore(path)
    await ours.open()
    await other.open()
    world, theirs = World(ours), World(other)
    ann = await world.principal("ann")
    busy, calm = await world.channel("busy"), await world.channel("calm")
    written = [await world.post(channel, ann) for channel in (busy, calm, busy)]
    written += [await theirs.post(channel, ann) for channel in (busy, calm)]
    written += [await world.post(channel, ann) for channel in (busy, calm, busy)]

    assert [message.number for message in written] == [1, 1, 2, 3, 2, 4, 3, 5]
    assert ask(path, "SELECT group_concat(seq) FROM (SELECT seq FROM messages ORDER BY seq)") == "1,2,3,4,5,6,7,8"
    assert ask(path, "SELECT group_concat(seq) FROM (SELECT seq FROM events ORDER BY seq)") == "1,2,3,4,5,6,7,8"
    await ours.close()
    await other.close()


async def test_channel_archived_by_another_process_takes_no_more(path: Path) -> None:
    ours, other = SqliteStore(path), SqliteStore(path)
    await ours.open()
    await other.open()
    world = World(ours)
    ann = await world.principal("ann")
    channel, free = await world.channel("general"), await world.channel("free")
    await world.post(channel, ann)

    async def archive(unit: Unit) -> None:
        await unit.channels.save(replace(channel, archived=True))
        await unit.events.append([EventDraft(EventKind.CHANNEL_ARCHIVED, world.now, channel_id=channel.id)])

    await other.write(archive)
    drafts = [world.draft(channel, ann), world.draft(free, ann)]
    results = await asyncio.gather(*(ours.append(draft) for draft in drafts), return_exceptions=True)

    assert isinstance(results[0], Conflict)
    assert isinstance(results[1], Appended)
    assert results[1].message.number == 1
    await ours.close()
    await other.close()


async def test_what_is_undone_leaves_no_number_behind(store: SqliteStore) -> None:
    world = World(store)
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first = await world.post(channel, ann, idempotency_key="one")
    bad = world.draft(channel, ann, addressees=(Addressee("nobody", InboxKind.MENTION, world.id(), world.id()),))
    drafts = [
        world.draft(channel, ann),
        bad,
        world.draft(channel, ann),
        world.draft(channel, ann, idempotency_key="one"),
    ]
    results = await asyncio.gather(*(store.append(draft) for draft in drafts), return_exceptions=True)
    last = await world.post(channel, ann)

    assert isinstance(results[1], Conflict)
    numbers = [each.message.number for each in results if isinstance(each, Appended)]
    assert [first.number, *numbers, last.number] == [1, 2, 3, 1, 4]


async def test_other_process_is_heard_and_ours_not_told_twice(path: Path) -> None:
    heard: list[Event] = []
    advanced: asyncio.Queue[int] = asyncio.Queue()
    ours, other = SqliteStore(path), SqliteStore(path)
    ours.listen(heard.extend, advanced.put_nowait)
    await ours.open()
    await other.open()
    await ours.write(lambda unit: unit.events.append([EventDraft(EventKind.READ_MOVED, 1)]))
    await other.write(lambda unit: unit.events.append([EventDraft(EventKind.READ_MOVED, 2)]))

    async with asyncio.timeout(SECONDS):
        assert await advanced.get() == 2
    await ours.write(lambda unit: unit.events.append([EventDraft(EventKind.READ_MOVED, 3)]))

    assert [event.seq for event in heard] == [1, 3]
    assert advanced.empty()
    await ours.close()
    await other.close()


async def test_status_and_backup(store: SqliteStore, path: Path) -> None:
    await World(store).principal("ann")
    copy = path.with_name("copy.sqlite")

    await store.backup(copy)

    assert ask(copy, "SELECT name FROM principals") == "ann"
    assert ask(copy, "PRAGMA integrity_check") == "ok"
    status = await store.status()
    assert (status.current, status.pending) == (status.latest, ())


def test_status_of_nothing_makes_no_file(tmp_path: Path) -> None:
    status = asyncio.run(SqliteStore(tmp_path / "none.sqlite").status())
    assert status.current == 0
    assert len(status.pending) == status.latest
    assert list(tmp_path.iterdir()) == []


async def test_data_of_an_incompatible_release_is_not_touched(store: SqliteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, 'later', 'x', 0, 99)")
    late = SqliteStore(path)
    with pytest.raises(SchemaTooNew):
        await late.open()


async def test_log_file_is_emptied_when_the_store_closes(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    await World(store).principal("ann")
    await store.close()
    log = path.with_name(path.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0
    assert ask(path, "SELECT name FROM principals") == "ann"
