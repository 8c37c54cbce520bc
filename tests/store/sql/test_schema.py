"""Migrations, against SQLite in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from store.errors import SchemaChanged, SchemaTooNew
from store.ports.store import SchemaStatus
from store.sql.queries import load_queries
from store.sql.schema import Migration, load_migrations, migrate, schema_status
from store.sqlite.thread import SqliteSession
from store.thread import drive

FIRST = Migration(1, "first", 1, "CREATE TABLE one (a TEXT);\nCREATE TABLE two (\n  a TEXT\n);")
SECOND = Migration(2, "second", 1, "CREATE TABLE three (a TEXT);")


@pytest.fixture
def session() -> Iterator[SqliteSession]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield SqliteSession(connection, load_queries("sqlite"))


def tables(session: SqliteSession) -> set[str]:
    return {row["name"] for row in session.run("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_what_is_missing_is_applied_once_and_in_order(session: SqliteSession) -> None:
    assert drive(schema_status(session, [FIRST, SECOND])) == SchemaStatus(0, 2, ("0001_first", "0002_second"))
    drive(migrate(session, [FIRST], 7))
    assert tables(session) == {"schema_migrations", "one", "two"}
    assert drive(schema_status(session, [FIRST, SECOND])) == SchemaStatus(1, 2, ("0002_second",))
    drive(migrate(session, [FIRST, SECOND], 8))
    drive(migrate(session, [FIRST, SECOND], 9))
    assert tables(session) == {"schema_migrations", "one", "two", "three"}
    rows = session.run("SELECT number, name, applied_at FROM schema_migrations").fetchall()
    assert [tuple(row) for row in rows] == [(1, "first", 7), (2, "second", 8)]


def test_newer_schema_that_stays_compatible_is_served(session: SqliteSession) -> None:
    drive(migrate(session, [FIRST, SECOND], 0))
    assert drive(migrate(session, [FIRST], 0)) == SchemaStatus(2, 1, ())


def test_newer_schema_that_is_not_compatible_is_refused(session: SqliteSession) -> None:
    drive(migrate(session, [FIRST, Migration(2, "second", 2, SECOND.sql)], 0))
    with pytest.raises(SchemaTooNew, match="newer release"):
        drive(migrate(session, [FIRST], 0))


def test_changed_migration_is_refused_and_nothing_applied(session: SqliteSession) -> None:
    drive(migrate(session, [FIRST], 0))
    with pytest.raises(SchemaChanged, match="first"):
        drive(migrate(session, [Migration(1, "first", 1, FIRST.sql + " "), SECOND], 0))
    assert "three" not in tables(session)


def test_shipped_steps_are_numbered_without_gap_and_carry_their_dialect() -> None:
    sqlite, postgres = load_migrations("sqlite"), load_migrations("postgres")
    assert [step.number for step in sqlite] == list(range(1, len(sqlite) + 1))
    assert [(step.number, step.name) for step in sqlite] == [(step.number, step.name) for step in postgres]
    assert all(1 <= step.compat <= step.number for step in sqlite)
    assert "fts5" in sqlite[0].sql
    assert "SECURITY DEFINER" in postgres[0].sql


@pytest.mark.parametrize("known", range(1, len(load_migrations("sqlite"))))
def test_data_of_every_earlier_release_is_brought_up_to_date(session: SqliteSession, known: int) -> None:
    steps = load_migrations("sqlite")
    drive(migrate(session, steps[:known], 0))
    drive(migrate(session, steps, 1))
    assert drive(schema_status(session, steps)) == SchemaStatus(len(steps), len(steps), ())
    rows = session.run("SELECT number FROM schema_migrations WHERE applied_at = 1").fetchall()
    assert [row["number"] for row in rows] == list(range(known + 1, len(steps) + 1))
