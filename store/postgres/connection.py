"""Postgres connections: how they are set up, which role they work in, and what their errors mean."""

from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor, RawCursor
from psycopg.rows import DictRow, dict_row
from psycopg.types.numeric import Int8Dumper

from airchat.protocol.errors import Conflict, InvalidInput
from store.errors import ReadOnly, StoreError, TransactionLost
from store.ports.store import Access

ROLES: dict[Access, str] = {"api": "airchat_agent_api", "registration": "airchat_registrar"}
"""The role that a connection of the hub works in; it owns nothing."""

NAME = "airchat-hub"
SETTINGS = ("SET search_path = airchat, pg_temp", "SET synchronous_commit = on")

Connection = AsyncConnection[DictRow]
WriterConnection = psycopg.Connection[DictRow]


async def connect(url: str) -> Connection:
    """Open a connection of the login named in the URL, outside any transaction and with no role taken."""
    connection = await AsyncConnection.connect(
        url, autocommit=True, row_factory=dict_row, cursor_factory=AsyncRawCursor, application_name=NAME
    )
    try:
        await set_up(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


async def set_up(connection: AsyncConnection[Any]) -> None:
    """Name the schema, and send every integer as the one type that all columns have."""
    connection.adapters.register_dumper(int, Int8Dumper)
    for setting in SETTINGS:
        await connection.execute(setting.encode())


def connect_writer(url: str, access: Access) -> WriterConnection:
    """Open a connection for a thread that writes in the role, outside any transaction."""
    connection = psycopg.connect(
        url, autocommit=True, row_factory=dict_row, cursor_factory=RawCursor, application_name=NAME
    )
    try:
        connection.adapters.register_dumper(int, Int8Dumper)
        for setting in (*SETTINGS, f"SET ROLE {ROLES[access]}"):
            connection.execute(setting.encode())
    except BaseException:
        connection.close()
        raise
    return connection


async def take_role(connection: AsyncConnection[Any], access: Access) -> None:
    """Give up the login's own rights for those of a role."""
    await connection.execute(f"SET ROLE {ROLES[access]}")


async def check_login(url: str, access: Access) -> None:
    """Do nothing when the login in the URL may work in its role.

    Raises:
        StoreError: it may not, or the server does not let it in; the text says what does.
    """
    try:
        async with await connect(url) as connection:
            try:
                await take_role(connection, access)
            except psycopg.errors.InsufficientPrivilege as error:
                login, role = connection.info.user, ROLES[access]
                raise StoreError(
                    f"{login} may not work as {role}. Let the owner say: GRANT {role} TO {login}"
                ) from error
    except psycopg.Error as error:
        raise StoreError(f"Postgres cannot be used for {access}: {error}") from error


def owner_refusal(error: psycopg.Error) -> StoreError:
    """Return why the schema can be neither read nor made, and what is to be done where a login may too little."""
    if isinstance(error, psycopg.errors.UndefinedTable):
        return StoreError(f"The login may not see the schema. Let the owner say: GRANT {ROLES['api']} TO it")
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        first = str(error).partition("\n")[0]
        return StoreError(f"{first}. Let the owner make the schema: airchat-hub db migrate --owner-url URL")
    return StoreError(f"Postgres cannot be used: {error}")


def translated(error: psycopg.Error) -> Exception:
    """Return what the error means to a unit of work; the error itself when it is a mistake of the program."""
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return ReadOnly(str(error))
    if isinstance(error, psycopg.errors.IntegrityError):
        return Conflict("The change contradicts what is stored.")
    if isinstance(error, psycopg.errors.UntranslatableCharacter) or (
        isinstance(error, psycopg.DataError) and "NUL" in str(error)
    ):
        return InvalidInput("Text must not hold NUL characters.")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return TransactionLost(str(error))
    return error
