from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.core.channels import Channels
from hub.core.credentials import Credentials
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from store.open import open_store
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock
from tests.hub.core.hub import Hub, start_hub
from tests.migrated import sqlite_url


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store, once per kind that needs no server."""
    store = open_store("memory:" if request.param == "memory" else sqlite_url(tmp_path / "hub.sqlite"))
    store.listen(noop, noop)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def credentials(store: Store, clock: FakeClock) -> Credentials:
    """Credentials that hear of every commit."""
    credentials = Credentials(store, clock)
    store.listen(credentials.observe, noop)
    return credentials


@pytest.fixture
async def directory(store: Store) -> AsyncIterator[Directory]:
    """A directory that follows the store's log."""
    bus = EventBus(store)
    directory = Directory(store, bus)
    await bus.start()
    await directory.load()
    yield directory
    await bus.close()


@pytest.fixture
def channels(store: Store, clock: FakeClock, directory: Directory) -> Channels:
    return Channels(store, clock, directory)


@pytest.fixture
def tasks(store: Store, clock: FakeClock, directory: Directory, channels: Channels) -> Tasks:
    return Tasks(store, clock, directory, channels)


@pytest.fixture
def lists(store: Store, channels: Channels) -> TaskLists:
    return TaskLists(store, channels)


@pytest.fixture(params=["memory", "sqlite"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Hub]:
    """A running node, once per store that needs no server."""
    store = open_store("memory:" if request.param == "memory" else sqlite_url(tmp_path / "hub.sqlite"))
    hub = await start_hub(store, clock)
    yield hub
    await hub.bus.close()
    await store.close()


def noop(_: object) -> None:
    """Stand in for a listener without interest."""
