"""The loader of named queries."""

import pytest

from store.sql.queries import load_queries, parse_queries


def test_queries_are_named_and_comments_left_out() -> None:
    text = "-- What this file is.\n\n-- name: a.one\n-- why\nSELECT 1;\n\n-- name: a.two\nSELECT 2\nFROM t\n"
    assert parse_queries(text, "sqlite") == {"a.one": "SELECT 1", "a.two": "SELECT 2\nFROM t"}


def test_twin_is_for_its_dialect_only() -> None:
    text = "-- name: a.one [sqlite]\nSELECT 's'\n-- name: a.one [postgres]\nSELECT 'p'\n"
    assert parse_queries(text, "sqlite") == {"a.one": "SELECT 's'"}
    assert parse_queries(text, "postgres") == {"a.one": "SELECT 'p'"}


def test_part_stands_in_the_queries_behind_it() -> None:
    text = "-- name: a.seen [part]\nb = $1\n-- name: a.one\nSELECT 1 WHERE {a.seen}\n-- name: a.two\nSELECT {a.seen}\n"
    assert parse_queries(text, "sqlite") == {"a.one": "SELECT 1 WHERE b = $1", "a.two": "SELECT b = $1"}


@pytest.mark.parametrize(
    "text", ["-- name: a.one\nSELECT 1\n-- name: a.one\nSELECT 2\n", "-- name: a.one\n-- nothing\n"]
)
def test_repeated_or_empty_query_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a\.one"):
        parse_queries(text, "sqlite")


def test_both_dialects_have_the_same_queries_but_for_what_one_cannot_do() -> None:
    sqlite, postgres = load_queries("sqlite"), load_queries("postgres")
    only = {name for name in sqlite.keys() ^ postgres.keys() if name.split(".")[0] not in {"log", "lead", "batch"}}
    assert only == {"append.alone", "schema.make"}
    assert "?1" in sqlite["messages.get"]
    assert "$1" in postgres["messages.get"]
