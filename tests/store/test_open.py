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


def test_installed_package_adds_a_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_store.py").write_text(
        "from store.memory.store import MemoryStore\n"
        "class TheirStore(MemoryStore):\n"
        "    def __init__(self, url):\n"
        "        super().__init__()\n"
        "        self.url = url\n"
    )
    installed = tmp_path / "their_store-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: their-store\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[airchat_hub.stores]\ntheirs = their_store:TheirStore\n")
    monkeypatch.syspath_prepend(tmp_path)

    store = open_store("theirs://somewhere/hub")

    assert (type(store).__name__, vars(store)["url"]) == ("TheirStore", "theirs://somewhere/hub")
