"""A session over a Postgres connection."""

from collections.abc import Sequence

from psycopg import Cursor, Error
from psycopg.rows import DictRow

from store.postgres.connection import Connection, WriterConnection, translated
from store.postgres.pipeline import Pipeline
from store.sql.session import rows_json


class PostgresSession:
    """Implements `store.sql.session.Session` and `SchemaSession`."""

    def __init__(self, connection: Connection, queries: dict[str, bytes]) -> None:
        self._connection = connection
        self._queries = queries

    async def fetch(self, query: str, *arguments: object) -> list[DictRow]:
        """See the protocol."""
        try:
            cursor = await self._connection.execute(self._queries[query], arguments)
            return await cursor.fetchall()
        except Error as error:
            raise translated(error) from error

    async def fetch_one(self, query: str, *arguments: object) -> DictRow | None:
        """See the protocol."""
        try:
            cursor = await self._connection.execute(self._queries[query], arguments)
            return await cursor.fetchone()
        except Error as error:
            raise translated(error) from error

    async def execute(self, query: str, *arguments: object) -> int:
        """See the protocol."""
        return await self.run(self._queries[query], *arguments)

    async def execute_rows(self, query: str, rows: Sequence[Sequence[object]]) -> None:
        """See the protocol."""
        await self.execute(query, rows_json(rows))

    async def script(self, sql: str) -> None:
        """Run several statements."""
        await self.run(sql.encode())

    async def run(self, sql: bytes, *arguments: object) -> int:
        """Execute one statement, or several without arguments; return how many rows changed."""
        try:
            cursor = await self._connection.execute(sql, arguments or None)
        except Error as error:
            raise translated(error) from error
        return cursor.rowcount


class WriterSession:
    """Implements `store.sql.session.Session` over a connection of this thread; it executes within the call."""

    def __init__(self, connection: WriterConnection, queries: dict[str, bytes]) -> None:
        self._connection = connection
        self._queries = queries
        self._pipeline = Pipeline(connection.pgconn)

    async def fetch(self, query: str, *arguments: object) -> list[DictRow]:
        """See the protocol."""
        return self._cursor(self._queries[query], arguments).fetchall()

    async def fetch_one(self, query: str, *arguments: object) -> DictRow | None:
        """See the protocol."""
        return self._cursor(self._queries[query], arguments).fetchone()

    async def execute(self, query: str, *arguments: object) -> int:
        """See the protocol."""
        return self.run(self._queries[query], *arguments)

    async def execute_rows(self, query: str, rows: Sequence[Sequence[object]]) -> None:
        """See the protocol."""
        await self.execute(query, rows_json(rows))

    def run(self, sql: bytes, *arguments: object) -> int:
        """Execute one statement, or several without arguments; return how many rows changed."""
        return self._cursor(sql, arguments).rowcount

    def run_all(self, *statements: tuple[bytes, tuple[str, ...]]) -> None:
        """Execute statements that are all sent before the first is answered; after one that fails, none is executed."""
        try:
            self._pipeline.run(*statements)
        except Error as error:
            raise translated(error) from error

    def _cursor(self, sql: bytes, arguments: Sequence[object]) -> Cursor[DictRow]:
        try:
            return self._connection.execute(sql, arguments or None)
        except Error as error:
            raise translated(error) from error
