"""Looking into a hub's database from outside: what is written there, read with plain SQL and none of the hub's code."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True)
class StoredMessage:
    """A row of `messages`."""

    seq: int
    id: str
    channel_id: str
    number: int
    author: str
    key: str | None
    content: str


@dataclass(frozen=True)
class Database:
    """A hub's database: a file of SQLite, or the URL of one on Postgres."""

    place: Path | str

    @property
    def settings(self) -> dict[str, str]:
        """The hub's settings that make it use this database; the file is in its state directory."""
        return {"STORE__URL": self.place} if isinstance(self.place, str) else {}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        if isinstance(self.place, Path):
            with closing(sqlite3.connect(self.place)) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.place, options="-c search_path=airchat") as postgres:
            return postgres.execute(query.encode()).fetchall()

    def messages(self) -> list[StoredMessage]:
        """Return all messages in the order of the log."""
        columns = "seq, id, channel_id, number, author_name, idempotency_key, content"
        return [StoredMessage(*row) for row in self.rows(f"SELECT {columns} FROM messages ORDER BY seq")]  # noqa: S608

    def check(self) -> None:
        """Assert that the database is sound, the log has no gap, channels no hole, and each message its event."""
        if isinstance(self.place, Path):
            assert self.rows("PRAGMA integrity_check") == [("ok",)]
            assert self.rows("PRAGMA foreign_key_check") == []
        log = self.rows("SELECT seq, kind, subject_id FROM events ORDER BY seq")
        assert [seq for seq, _, _ in log] == list(range(1, len(log) + 1))
        assert self.rows("SELECT seq FROM log_head") == [(len(log),)]
        created = [(seq, subject) for seq, kind, subject in log if kind == "message.created"]
        messages = self.messages()
        assert created == [(message.seq, message.id) for message in messages]
        numbers: dict[str, list[int]] = {}
        for message in messages:
            numbers.setdefault(message.channel_id, []).append(message.number)
        assert numbers == {channel: list(range(1, len(taken) + 1)) for channel, taken in numbers.items()}
        last = self.rows("SELECT id, last_number FROM channels WHERE last_number > 0")
        assert dict(last) == {channel: len(taken) for channel, taken in numbers.items()}
