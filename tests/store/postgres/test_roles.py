"""The roles own nothing and reach only what their work needs: each refusal is the server's own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from airchat.protocol.principals import Credential, CredentialKind
from store.errors import StoreError
from store.postgres.store import PostgresStore
from tests.contract.store.world import World

API, REGISTRAR = "airchat_agent_api", "airchat_registrar"

REFUSED = [
    (API, "SELECT public_key FROM machines"),
    (API, "SELECT * FROM machines"),
    (API, "UPDATE machines SET active = TRUE"),
    (API, "SELECT secret_hash FROM credentials"),
    (API, "SELECT id FROM credentials WHERE secret_hash = 'x'"),
    (API, "UPDATE credentials SET secret_hash = 'x'"),
    (API, "INSERT INTO credentials (id) VALUES ('x')"),
    (API, "SELECT * FROM invites"),
    (API, "DELETE FROM events"),
    (API, "UPDATE events SET seq = 1"),
    (API, "DELETE FROM messages"),
    (API, "UPDATE audit SET action = 'x'"),
    (API, "DELETE FROM audit"),
    (API, "UPDATE cursors SET principal_id = 'x'"),
    (API, "UPDATE markers SET target = 'x'"),
    (API, "UPDATE metadata SET subject_id = 'x'"),
    (API, "UPDATE schema_migrations SET compat = 1"),
    (API, "DROP TABLE messages"),
    (API, "CREATE TABLE airchat.mine (a TEXT)"),
    (REGISTRAR, "SELECT * FROM messages"),
    (REGISTRAR, "SELECT content FROM messages"),
    (REGISTRAR, "SELECT * FROM channels"),
    (REGISTRAR, "SELECT * FROM memberships"),
    (REGISTRAR, "SELECT * FROM events"),
    (REGISTRAR, "SELECT * FROM message_words"),
    (REGISTRAR, "SELECT * FROM tasks"),
    (REGISTRAR, "SELECT * FROM files"),
    (REGISTRAR, "SELECT * FROM inbox_items"),
    (REGISTRAR, "SELECT * FROM cursors"),
    (REGISTRAR, "SELECT * FROM markers"),
    (REGISTRAR, "SELECT * FROM metadata"),
    (REGISTRAR, "DELETE FROM credentials"),
    (API, "SELECT forget_credentials(1)"),
    (API, "DELETE FROM invites"),
    (REGISTRAR, "UPDATE audit SET action = 'x'"),
    (REGISTRAR, "ALTER TABLE machines DROP COLUMN public_key"),
    (REGISTRAR, "CREATE TABLE airchat.mine (a TEXT)"),
]

ALLOWED = [
    (API, "SELECT id, name, active FROM machines"),
    (API, "SELECT id, kind, slot FROM credentials"),
    (API, "SELECT content FROM messages"),
    (API, "DELETE FROM cursors"),
    (API, "DELETE FROM markers"),
    (REGISTRAR, "SELECT public_key FROM machines"),
    (REGISTRAR, "SELECT secret_hash FROM credentials"),
    (REGISTRAR, "SELECT forget_credentials(1)"),
]


@pytest.fixture
async def store(migrated_postgres_url: str) -> AsyncIterator[PostgresStore]:
    opened = PostgresStore(migrated_postgres_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def connection(store: PostgresStore, migrated_postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(migrated_postgres_url, autocommit=True) as opened:
        opened.execute("SET search_path = airchat")
        yield opened


def test_each_refusal_comes_from_the_server(connection: psycopg.Connection) -> None:
    for role, statement in REFUSED:
        connection.execute(f"SET ROLE {role}".encode())
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement.encode())
        connection.execute("RESET ROLE")


def test_what_a_role_needs_is_granted(connection: psycopg.Connection) -> None:
    for role, statement in ALLOWED:
        connection.execute(f"SET ROLE {role}".encode())
        connection.execute(statement.encode())
        connection.execute("RESET ROLE")


def test_registrar_reads_what_registration_needs_and_nothing_else(connection: psycopg.Connection) -> None:
    read = connection.execute(
        "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = %s AND privilege_type = 'SELECT'"
        " UNION SELECT table_name FROM information_schema.role_column_grants WHERE grantee = %s",
        (REGISTRAR, REGISTRAR),
    ).fetchall()
    who = {"agent_capabilities", "agents", "machines", "people", "principals"}
    secrets = {"credentials", "invites", "nonces", "rate_hits"}
    assert {name for (name,) in read} == who | secrets | {"audit", "events", "log_head", "schema_migrations"}


def test_roles_may_no_more_than_read_and_write_rows_and_everybody_else_nothing(connection: psycopg.Connection) -> None:
    granted = connection.execute(
        "SELECT DISTINCT grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'airchat' AND grantee <> current_user"
    ).fetchall()
    assert set(granted) == {
        (role, what) for role in (API, REGISTRAR) for what in ("SELECT", "INSERT", "UPDATE", "DELETE")
    }
    anybody = connection.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'airchat'::regnamespace"
        " AND has_function_privilege('pg_monitor', oid, 'EXECUTE')"
    ).fetchall()
    assert anybody == []


def test_roles_cannot_log_in_and_own_nothing(connection: psycopg.Connection) -> None:
    roles = connection.execute(
        "SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'airchat%' ORDER BY rolname"
    ).fetchall()
    assert roles == [(API, False, False), (REGISTRAR, False, False)]
    owned = connection.execute(
        "SELECT count(*) FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE rolname LIKE 'airchat%'"
    ).fetchone()
    assert owned == (0,)


async def test_connections_of_the_hub_work_in_the_roles(store: PostgresStore) -> None:
    machine = await World(store).machine("laptop")
    async with store.read(access="registration") as unit:
        assert await unit.machines.by_name("laptop") == machine
        with pytest.raises(InsufficientPrivilege):
            await unit.channels.all()
    async with store.read() as unit:
        with pytest.raises(InsufficientPrivilege):
            await unit.machines.by_name("laptop")


async def test_api_authenticates_without_seeing_hashes(store: PostgresStore) -> None:
    world = World(store)
    ann = await world.principal("ann")
    key = Credential(world.id(), ann.id, CredentialKind.AGENT_KEY, "ann", "write", world.now)
    await store.write(lambda unit: unit.credentials.add(key, "5ec2e7"), access="registration")
    async with store.read() as unit:
        assert await unit.credentials.authenticate("5ec2e7", world.now) == (key, ann)


@contextmanager
def logins(connection: psycopg.Connection, **roles: str) -> Iterator[None]:
    """Make logins, each granted a role, or none."""
    for name, role in roles.items():
        connection.execute(f"CREATE ROLE {name} LOGIN {f'IN ROLE {role}' if role else ''}".encode())
    try:
        yield
    finally:
        for name in roles:
            connection.execute(f"DROP ROLE {name}".encode())


async def test_two_logins_that_own_nothing_serve_a_migrated_database(
    store: PostgresStore, connection: psycopg.Connection, migrated_postgres_url: str
) -> None:
    with logins(connection, hub_api_login=API, hub_registrar_login=REGISTRAR):
        api, registrar = (migrated_postgres_url.replace("postgres@", f"hub_{it}_login@") for it in ("api", "registrar"))
        hub = PostgresStore(api, registrar_url=registrar)
        await hub.open()
        world = World(hub)
        await world.machine("laptop")
        ann, channel = await world.principal("ann"), await world.channel("general")
        assert (await hub.append(world.draft(channel, ann))).message.number == 1
        assert (await hub.status()).pending == ()
        await hub.close()


async def test_login_that_may_too_little_is_told_before_anybody_registers(
    store: PostgresStore, connection: psycopg.Connection, migrated_postgres_url: str
) -> None:
    def url(name: str, host: str = "") -> str:
        return migrated_postgres_url.replace("postgres@", f"{name}@{host}")

    with logins(connection, hub_api_login=API, hub_nobody_login="", hub_reader_login=REGISTRAR):
        wanted = f"GRANT {REGISTRAR} TO hub_api_login"
        for hub, told in (
            (PostgresStore(url("hub_api_login")), wanted),
            (PostgresStore(url("hub_api_login"), registrar_url=url("hub_missing_login")), "hub_missing_login"),
            (PostgresStore(url("hub_reader_login")), f"GRANT {API} TO hub_reader_login"),
            (PostgresStore(url("hub_nobody_login")), f"GRANT {API}"),
        ):
            for use in (hub.open, hub.status):
                with pytest.raises(StoreError, match=told):
                    await use()


async def test_login_that_cannot_make_the_schema_is_told_who_makes_it(
    connection: psycopg.Connection, postgres_url: str
) -> None:
    with logins(connection, hub_plain_login=""), pytest.raises(StoreError, match="db migrate --owner-url"):
        await PostgresStore(postgres_url.replace("postgres@", "hub_plain_login@")).open()


async def test_no_credential_that_is_live_is_forgotten(store: PostgresStore, connection: psycopg.Connection) -> None:
    world = World(store)
    ann = await world.principal("ann")
    for name, expires_at in (("live", None), ("for long", 2**62), ("over", 5)):
        made = Credential(world.id(), ann.id, CredentialKind.TOKEN, name, "write", world.now, expires_at)
        await store.write(lambda unit, it=made: unit.credentials.add(it, it.slot), "registration")  # type: ignore[misc]
    await store.write(lambda unit: unit.credentials.forget(2**63 - 1), "registration")
    found = connection.execute("SELECT slot FROM credentials ORDER BY slot").fetchall()
    assert found == [("for long",), ("live",)]
