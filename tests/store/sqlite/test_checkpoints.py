"""Checkpoints: a log that is written to all the time starts anew again and again, so that its file does not grow."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.sqlite import checkpoints
from store.sqlite.checkpoints import Checkpoints
from store.sqlite.connection import connect


class _Busy(Checkpoints):
    """During its first `commits` passes somebody commits."""

    def __init__(self, path: Path, writer: sqlite3.Connection, commits: int) -> None:
        super().__init__(path)
        self._writer = writer
        self._commits = commits

    def _pass(self, mode: str) -> int:
        if not self._commits:
            return super()._pass(mode)
        self._commits -= 1
        self._writer.execute("BEGIN IMMEDIATE")
        self._writer.execute("INSERT INTO words VALUES ('during')")
        pages = super()._pass(mode)
        self._writer.execute("COMMIT")
        return pages

    def run(self) -> None:
        self._connect()
        self._checkpoint()
        if self._connection is not None:
            self._connection.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "hub.db")
    connection.execute("CREATE TABLE words (word TEXT)")
    for number in range(50):
        connection.execute("INSERT INTO words VALUES (?)", (f"before {number}",))
    yield connection
    connection.close()


def _written_anew(tmp_path: Path, writer: sqlite3.Connection) -> bool:
    """Tell whether the next commit is at the log's beginning."""
    log = tmp_path / "hub.db-wal"
    before = log.stat().st_size
    with log.open("rb") as file:
        header = file.read(32)
    writer.execute("INSERT INTO words VALUES ('after')")
    with log.open("rb") as file:
        return file.read(32) != header and log.stat().st_size == before


@pytest.mark.parametrize("commits", [0, 1, 3])
def test_log_starts_anew_though_somebody_commits_meanwhile(
    tmp_path: Path, writer: sqlite3.Connection, commits: int
) -> None:
    _Busy(tmp_path / "hub.db", writer, commits).run()
    assert _written_anew(tmp_path, writer)


def test_checkpoint_ends_though_there_is_no_moment_without_a_commit(
    tmp_path: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PAUSE_SECONDS", 0)
    _Busy(tmp_path / "hub.db", writer, 1000).run()
    assert not _written_anew(tmp_path, writer)
