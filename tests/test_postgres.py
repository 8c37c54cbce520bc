"""The Postgres fixtures themselves: databases are empty and apart, commits are durable."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from store.open import open_store
from tests.contract.store.world import World
from tests.migrated import empty_postgres
from tests.postgres import Cluster, OwnCluster


def test_database_is_empty_and_takes_sql(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        connection.execute("CREATE TABLE left_over (id integer)")
    assert tables == []


def test_database_of_the_next_test_is_another(postgres_url: str) -> None:
    test_database_is_empty_and_takes_sql(postgres_url)


def test_database_from_template_has_its_tables(postgres: Cluster, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE made (id integer)")
    template = postgres_url.rpartition("/")[2]
    with postgres.database(template) as copy, psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM made").fetchone() == (0,)


async def test_migrated_database_holds_the_seeds_alone_however_it_was_left(migrated_postgres: str) -> None:
    empty_postgres(migrated_postgres)
    before = contents(migrated_postgres)
    store = open_store(migrated_postgres)
    store.listen(lambda _: None, lambda _: None)
    await store.open()
    world = World(store)
    ann, bob = [await world.principal(name) for name in ("ann", "bob")]
    await world.post(await world.direct(ann, bob), ann, "left over")
    used = contents(migrated_postgres)
    empty_postgres(migrated_postgres)  # with the store still connected
    await store.close()
    assert {table for table in before if used[table] != before[table]} >= {"channels", "events", "log_head", "messages"}
    assert contents(migrated_postgres) == before


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of each table."""
    with psycopg.connect(url, options="-c search_path=airchat") as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'airchat'").fetchall()
        query = SQL("SELECT * FROM {}")
        return {name: connection.execute(query.format(Identifier(name))).fetchall() for (name,) in tables}


@pytest.mark.slow
@pytest.mark.postgres
def test_commit_survives_a_crash() -> None:
    with Cluster.started() as cluster:
        assert isinstance(cluster, OwnCluster)
        with psycopg.connect(cluster.socket_url) as connection:
            connection.execute("CREATE TABLE kept (id integer)")
        cluster.stop()
        cluster.start()
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
