"""Statements that are sent together: all of them are executed, or those before the first that fails."""

from collections.abc import Iterator

import psycopg
import pytest

from store.postgres.pipeline import Pipeline


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE words (word TEXT PRIMARY KEY)")
        yield connection


def words(connection: psycopg.Connection) -> list[str]:
    return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word")]


ADD = b"INSERT INTO words VALUES ($1)"


def test_statements_are_executed_in_order_whatever_their_size(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TABLE texts (text TEXT)")
    pipeline, add, long = Pipeline(connection.pgconn), b"INSERT INTO texts VALUES ($1)", "ö" * 4_000_000

    for _ in range(2):  # more than a socket holds
        pipeline.run((b"BEGIN", ()), (add, ("a",)), (add, (long,)), (b"DELETE FROM texts WHERE text = $1", ("a",)))
        assert connection.execute("SELECT text FROM texts").fetchall() == [(long,)]
        connection.execute("ROLLBACK")


def test_after_one_that_fails_none_is_executed_and_the_connection_can_go_on(connection: psycopg.Connection) -> None:
    pipeline = Pipeline(connection.pgconn)

    with pytest.raises(psycopg.errors.UniqueViolation, match="words_pkey"):
        pipeline.run((b"BEGIN", ()), (ADD, ("one",)), (ADD, ("one",)), (b"COMMIT", ()))
    connection.execute("ROLLBACK")
    assert words(connection) == []

    pipeline.run((b"BEGIN", ()), (ADD, ("one",)), (b"COMMIT", ()))
    assert words(connection) == ["one"]


def test_statement_that_nobody_understands_is_told_before_anything_is_executed(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        Pipeline(connection.pgconn).run((ADD, ("one",)), (b"SELECT * FROM nowhere", ()))
    assert words(connection) == []


def test_commit_that_fails_is_told(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TABLE uses (word TEXT REFERENCES words DEFERRABLE INITIALLY DEFERRED)")

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        Pipeline(connection.pgconn).run((b"BEGIN", ()), (b"INSERT INTO uses VALUES ($1)", ("gone",)), (b"COMMIT", ()))
    assert connection.execute("SELECT COUNT(*) FROM uses").fetchone() == (0,)


def test_connection_that_ends_meanwhile_is_lost(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        Pipeline(connection.pgconn).run((ADD, ("one",)), (b"SELECT pg_terminate_backend(pg_backend_pid())", ()))
    with pytest.raises(psycopg.OperationalError):
        Pipeline(connection.pgconn).run((b"SELECT 1", ()))
