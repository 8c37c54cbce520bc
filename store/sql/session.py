"""What the nouns need of a database connection: named queries with positional arguments."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import orjson


class Row(Protocol):
    """A row of a result, by column name."""

    def __getitem__(self, key: str, /) -> Any: ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns, in their order."""
        ...


class Session(Protocol):
    """A transaction under way. Arguments are text, integers, booleans or None; `$1` is the first.

    Adapters translate what goes wrong: a broken constraint is a `Conflict`, a database that cannot go on is
    `store.errors.TransactionLost`.
    """

    async def fetch(self, query: str, *arguments: object) -> Sequence[Row]:
        """Run the named query and return its rows."""
        ...

    async def fetch_one(self, query: str, *arguments: object) -> Row | None:
        """Run the named query and return its first row, or None."""
        ...

    async def execute(self, query: str, *arguments: object) -> int:
        """Run the named query and return how many rows it changed."""
        ...

    async def execute_rows(self, query: str, rows: Sequence[Sequence[object]]) -> None:
        """Run the named query, which writes rows of equal length, at least one, in one step.

        Where the dialect is SQLite's, the query ends with `VALUES` and the adapter adds the rows; in Postgres' its only
        argument is what `rows_json` makes of them.
        """
        ...


def rows_json(rows: Iterable[Sequence[object]]) -> str:
    """Return many rows as one argument; a query reads column n of them as `value ->> n` from `json_each`."""
    return orjson.dumps([tuple(row) for row in rows]).decode()


def ids_json(ids: Iterable[str]) -> str:
    """Return a list of ids as rows of one column."""
    return orjson.dumps([(each,) for each in ids]).decode()


def json_text(value: object) -> str:
    """Return compact JSON."""
    return orjson.dumps(value).decode()
