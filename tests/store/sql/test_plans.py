"""How SQLite goes about the queries that must stay quick however long the log gets."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from airchat.protocol.tasks import TaskStatus
from store.ports.tasks import TaskFilter
from store.sql.nouns.tasks import query_of
from store.sql.queries import load_queries
from store.sql.schema import load_migrations

QUERIES = load_queries("sqlite")
QUICK = sorted(name for name in QUERIES if name.split(".")[0] in ("history", "cursors", "markers", "metadata"))


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(QUERIES["schema.create"])
        for step in load_migrations("sqlite"):
            connection.executescript(step.sql)
        yield connection


def plan(database: sqlite3.Connection, name: str) -> list[str]:
    arguments = max([int(number) for number in re.findall(r"\?(\d+)", QUERIES[name])])
    rows = database.execute(f"EXPLAIN QUERY PLAN {QUERIES[name]}", ("[]",) * arguments).fetchall()
    return [row[3] for row in rows]


@pytest.mark.parametrize("name", QUICK)
def test_no_table_is_read_through(database: sqlite3.Connection, name: str) -> None:
    scanned = {step.split()[1] for step in plan(database, name) if step.startswith("SCAN")}
    # What is read through is what the query made itself or was given: channels, ranges, kinds.
    made = {"w", "k", "value", "json_each", "halved", "h", "latest", "ranked", "CONSTANT"}
    assert {name for name in scanned if not name.startswith("(subquery-")} <= made


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("history.newest", "sqlite_autoindex_messages_2 (channel_id=? AND number>? AND number<?)"),
        ("history.oldest", "sqlite_autoindex_messages_2 (channel_id=? AND number>? AND number<?)"),
        ("history.newest_by_time", "messages_by_time (channel_id=? AND created_at>? AND created_at<?)"),
        ("history.oldest_by_time", "messages_by_time (channel_id=? AND created_at>? AND created_at<?)"),
        ("history.positions", "sqlite_autoindex_messages_2 (channel_id=? AND number=?)"),
        ("history.events_newest", "events_by_channel (channel_id=? AND seq>? AND seq<?)"),
        ("history.events_oldest", "events_by_channel (channel_id=? AND seq>? AND seq<?)"),
        ("history.events_newest_by_time", "events_by_time (channel_id=? AND created_at>? AND created_at<?)"),
        ("history.events_oldest_by_time", "events_by_time (channel_id=? AND created_at>? AND created_at<?)"),
    ],
)
def test_pages_of_history_start_at_their_place(database: sqlite3.Connection, name: str, index: str) -> None:
    steps = plan(database, name)
    tables = [step for step in steps if re.match(r"SEARCH [mne] ", step)]
    assert tables != []
    assert [step for step in tables if index not in step.replace("COVERING ", "")] == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "SCAN t USING INDEX tasks_by_time"),
        ({"status": TaskStatus.DONE}, "SCAN t USING INDEX tasks_by_time"),
        ({"status": TaskStatus.OPEN, "channel_id": "c", "tag": "x"}, "SEARCH t USING INDEX tasks_by_status (status=?)"),
        ({"channel_id": "c", "status": TaskStatus.DONE}, "SEARCH t USING INDEX tasks_by_channel (channel_id=?)"),
        ({"tag": "x"}, "SEARCH w USING INDEX tasks_by_tag (tag=?)"),
        ({"created_by": "p", "status": TaskStatus.OPEN}, "SEARCH t USING INDEX tasks_by_creator (created_by=?)"),
        ({"claimed_by": "p", "channel_id": "c"}, "SEARCH t USING INDEX tasks_by_holder (claimed_by=?)"),
        ({"claimed_by": "p", "status": TaskStatus.CLAIMED}, "SEARCH t USING INDEX tasks_held (claimed_by=?)"),
        (
            {"created_by": "p", "status": TaskStatus.DONE, "completed_after": 1},
            "SEARCH t USING INDEX tasks_done (created_by=? AND completed_at>?)",
        ),
    ],
    ids=str,
)
def test_lists_of_tasks_begin_at_what_narrows_them_most(
    database: sqlite3.Connection, wanted: dict[str, Any], index: str
) -> None:
    steps = plan(database, query_of(TaskFilter("me", **wanted)))
    assert index in steps
    assert [step for step in steps if step.startswith("SCAN")] == ([index] if index.startswith("SCAN") else [])
    sorted_whole = "USE TEMP B-TREE FOR ORDER BY" in steps
    assert sorted_whole == ("tasks_done" in index)  # those are few: since a moment ago


def test_offers_are_sought_among_open_tasks(database: sqlite3.Connection) -> None:
    steps = plan(database, "tasks.offers")
    assert any(
        re.match(r"SEARCH t USING INDEX tasks_(offered|by_status)|SCAN t USING INDEX tasks_offered", step)
        for step in steps
    )
