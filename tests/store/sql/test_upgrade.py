"""Data that the first release wrote is read and written by this one, on either database."""

import sqlite3
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import psycopg
import pytest

from airchat.protocol.channels import ChannelType
from airchat.protocol.files import File
from store.open import open_store
from store.ports.messages import MessageDraft
from store.ports.store import Store
from store.ports.unit import Unit
from store.sql.queries import Dialect, load_queries
from store.sql.schema import load_migrations

HASH = "ab" * 32

CREATE = load_queries("sqlite")["schema.create"]

# One live message and a deleted one, each with a file, and a task that is claimed. Eve made her account herself.
WRITTEN = """
INSERT INTO principals (id, kind, name, role, created_at) VALUES ('ann', 'agent', 'box-ann', 'member', 1);
INSERT INTO agents (principal_id) VALUES ('ann');
INSERT INTO channels (id, name, type, created_at, created_by, last_number)
VALUES ('general', 'general', 'global', 1, 'ann', 2);
INSERT INTO memberships (channel_id, principal_id, joined_at, role) VALUES ('general', 'ann', 1, 'member');
INSERT INTO messages
    (seq, id, channel_id, number, author_id, author_name, content, metadata, platform, verified, hops, created_at,
    deleted_at)
VALUES
    (1, 'kept', 'general', 1, 'ann', 'box-ann', 'an old word', '{}', 'hub', TRUE, 0, 5, NULL),
    (2, 'gone', 'general', 2, 'ann', 'box-ann', '', '{}', 'hub', TRUE, 0, 6, 7);
INSERT INTO events (seq, kind, created_at, actor_id, channel_id, subject_id, data)
VALUES (1, 'message.created', 5, 'ann', 'general', 'kept', '{}'),
    (2, 'message.created', 6, 'ann', 'general', 'gone', '{}');
UPDATE log_head SET seq = 2;
INSERT INTO files (id, channel_id, uploader_id, name, path, size, sha256, content_type, created_at, message_id)
VALUES ('f1', 'general', 'ann', 'a.txt', 'general/5-a.txt', 1, '<kept>', 'text/plain', 5, 'kept'),
    ('f2', 'general', 'ann', 'b.txt', 'general/6-b.txt', 1, '<gone>', 'text/plain', 6, 'gone');
INSERT INTO tasks
    (id, channel_id, title, tags, depends_on, status, priority, fence, attempts, max_attempts, lease_seconds,
    lease_expires_at, created_by, created_at, claimed_by, claimed_at)
VALUES ('t1', 'general', 'old', '["go"]', '[]', 'claimed', 0, 1, 1, 3, 300, 400, 'ann', 9, 'ann', 10);
INSERT INTO task_tags (task_id, tag) VALUES ('t1', 'go');
INSERT INTO principals (id, kind, name, role, created_at)
VALUES ('bob', 'person', 'bob', 'member', 1), ('eve', 'person', 'eve', 'member', 1);
INSERT INTO people (principal_id, email) VALUES ('bob', 'bob@example.org'), ('eve', 'bob@example.org');
INSERT INTO audit (seq, at, actor_id, action, subject, detail, previous_hash, hash)
VALUES (1, 1, 'ann', 'person.created', 'bob', '{}', '', '1'), (2, 1, 'eve', 'person.created', 'eve', '{}', '1', '2'),
    (3, 1, 'bob', 'person.changed', 'bob', '{}', '2', '3');
""".replace("<kept>", HASH).replace("<gone>", HASH[::-1])


def sqlite_of_first_release(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        connection.executescript(_first("sqlite"))
        connection.execute(*_record("sqlite", "?"))
    connection.close()
    return f"sqlite:///{path}"


def postgres_of_first_release(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA airchat")
        connection.execute("SET search_path = airchat")
        connection.execute(_first("postgres").encode())
        connection.execute(*_record("postgres", "%s"))
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return open_store(sqlite_of_first_release(tmp_path / "hub.sqlite"))
    return open_store(postgres_of_first_release(request.getfixturevalue("postgres_url")))


async def test_data_of_the_first_release_is_kept(store: Store) -> None:
    store.listen(lambda _: None, lambda _: None)
    assert (await store.status()).current == 1
    await store.open()
    status = await store.status()
    assert (status.current, status.pending) == (status.latest, ())
    async with store.read() as unit:
        channel = await unit.channels.by_name("general")
        assert channel is not None
        assert channel.type is ChannelType.GLOBAL
        kept = await unit.files.by_path("general/5-a.txt")
        assert kept == File("f1", "general", "ann", "a.txt", "general/5-a.txt", 1, HASH, "text/plain", 5, "kept")
        assert await unit.files.by_path("general/6-b.txt") is None
        assert await unit.files.to_collect(10) == [HASH[::-1]]
        assert [task.id for task in await unit.tasks.lapsed(500, 10)] == ["t1"]
        emails = {person.principal.name: person.email for person in await unit.people.all()}
        assert emails == {"bob": "bob@example.org", "eve": None}
    draft = MessageDraft("new", channel, "ann", "box-ann", "a new word", 11)
    appended = await store.append(draft)
    assert appended.message.number == 3
    assert await _contents(store.read(), "general") == ["an old word", "a new word"]
    await store.close()


MADE = """
INSERT INTO principals (id, kind, name, role, created_at) VALUES (?1, 'person', ?1, 'member', 1);
INSERT INTO people VALUES (?1, ?1 || '@example.org');
INSERT INTO audit VALUES (?2, ?2, ?1, 'person.created', ?1, '{}', '', ?1);
INSERT INTO relay_identities VALUES ('slack', 'T1', 'U1-' || ?1, ?1, 'somebody', NULL);
INSERT INTO relay_identities VALUES ('slack', 'T1', 'U2-' || ?1, ?1, 'somebody', NULL);
INSERT INTO audit
VALUES (?2 + 1, ?2, ?1, 'person.linked', ?1, '{"as":"slack:T1:U1-' || ?1 || '","by":"email"}', '', ?1 || 1);
INSERT INTO audit VALUES (?2 + 2, ?2, ?1, 'person.linked', ?1, '{"as":"slack:T1:U2-' || ?1 || '"}', '', ?1 || 2);
"""


@pytest.fixture
def store_of_step_11(tmp_path: Path) -> Store:
    """Return one in which two made their accounts and were linked, by their address and by a code: the step between."""
    path, moment = tmp_path / "hub.sqlite", 60
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE)
        for step in load_migrations("sqlite")[:11]:
            connection.executescript(step.sql)
            row = (step.number, step.name, step.checksum, moment, step.compat)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?, ?, ?, ?)", row)
        for who in (("before", moment - 10), ("after", moment)):
            for statement in MADE.split(";\n")[:-1]:
                connection.execute(statement, who if "?2" in statement else who[:1])
    connection.close()
    return open_store(f"sqlite:///{path}")


async def test_address_that_a_code_has_proven_is_kept(store_of_step_11: Store) -> None:
    store = store_of_step_11
    store.listen(lambda _: None, lambda _: None)
    await store.open()
    async with store.read() as unit:
        emails = {person.principal.name: person.email for person in await unit.people.all()}
        users = {it.remote_user for it in await unit.relay.identities()}
    assert emails == {"before": None, "after": "after@example.org"}
    assert users == {"U2-before", "U1-after", "U2-after"}
    await store.close()


async def _contents(reading: AbstractAsyncContextManager[Unit], channel_id: str) -> list[str]:
    async with reading as unit:
        return [message.content for message in await unit.messages.page(channel_id, 10)]


def _first(dialect: Dialect) -> str:
    return f"{CREATE};\n{load_migrations(dialect)[0].sql};\n{WRITTEN}"


def _record(dialect: Dialect, mark: str) -> tuple[str, tuple[object, ...]]:
    step = load_migrations(dialect)[0]
    statement = f"INSERT INTO schema_migrations VALUES ({', '.join([mark] * 5)})"  # noqa: S608 - nothing from outside
    return statement, (step.number, step.name, step.checksum, 0, step.compat)
