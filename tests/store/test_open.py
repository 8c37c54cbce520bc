"""Which adapter a URL opens."""

from pathlib import Path

import pytest

from store.errors import UnknownStore
from store.memory.store import MemoryStore
from store.open import open_store
from store.postgres.store import PostgresStore
from store.sqlite.store import SqliteStore


def test_scheme_picks_the_adapter(tmp_path: Path) -> None:
    assert isinstance(open_store(f"sqlite:///{tmp_path}/hub.db"), SqliteStore)
    assert isinstance(open_store("memory:"), MemoryStore)


async def test_postgres_is_picked_too() -> None:
    assert isinstance(open_store("postgresql://nowhere/hub"), PostgresStore)


def test_unknown_scheme_lists_what_is_installed() -> None:
    with pytest.raises(UnknownStore, match="installed are memory, postgresql, sqlite"):
        open_store("mongodb://there")
