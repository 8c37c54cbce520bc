"""The Postgres fixtures themselves: databases are empty and apart, commits are durable."""

import psycopg
import pytest

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
