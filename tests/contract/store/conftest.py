"""The stores under test, each empty, and a world to fill them with."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.events import Event
from store.open import open_store
from store.ports.store import Store
from tests.contract.store.world import World
from tests.migrated import sqlite_url

OTHER = [url] if (url := os.environ.get("AIRCHAT_TEST_STORE")) else []
"""The URL of somebody's own store, which has nothing in it whenever it is opened here."""


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres), *OTHER])
def closed_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store that is empty and not opened yet; once per adapter."""
    match request.param:
        case "memory":
            return open_store("memory:")
        case "sqlite":
            return open_store(sqlite_url(tmp_path / "hub.sqlite"))
        case "postgres":
            return open_store(request.getfixturevalue("migrated_postgres_url"))
        case other:
            return open_store(other)


@pytest.fixture
def heard() -> list[list[Event]]:
    """What the store tells of its commits, call by call."""
    return []


@pytest.fixture
async def store(closed_store: Store, heard: list[list[Event]]) -> AsyncIterator[Store]:
    """An open store."""
    closed_store.listen(heard.append, lambda _head: None)
    await closed_store.open()
    yield closed_store
    await closed_store.close()


@pytest.fixture
def world(store: Store) -> World:
    """Who and what the tests put into the store."""
    return World(store)
