"""Named queries: `queries/<noun>.sql`, written in `$1` style.

A query starts at a line `-- name: <noun>.<what>`; `[sqlite]` or `[postgres]` after the name marks a twin for a place
where the dialects truly differ. Other comments before the first statement of a query are left out. What several queries
of a file share is written once before them, marked `[part]`, and stands for itself in them as `{<noun>.<what>}`.
"""

import re
from importlib.resources import files
from typing import Literal

Dialect = Literal["sqlite", "postgres"]

_NAME = re.compile(r"^-- name: (?P<name>[a-z_]+\.[a-z_]+)(?: \[(?P<only>sqlite|postgres|part)\])?$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_PART = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_ARGUMENT = re.compile(r"\$(\d+)")


def load_queries(dialect: Dialect) -> dict[str, str]:
    """Return every query of the dialect by name; for SQLite `$1` is spelled `?1`."""
    folder = files("store.sql").joinpath("queries")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    queries = parse_queries("\n".join(file.read_text(encoding="utf-8") for file in found), dialect)
    if dialect == "sqlite":
        return {name: _ARGUMENT.sub(r"?\1", text) for name, text in queries.items()}
    return queries


def parse_queries(text: str, dialect: Dialect) -> dict[str, str]:
    """Return the queries of a text.

    Raises:
        ValueError: a name occurs twice for the dialect, or a query is empty.
    """
    headings = list(_NAME.finditer(text))
    queries: dict[str, str] = {}
    parts: dict[str, str] = {}
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        name, only = heading["name"], heading["only"]
        body = _COMMENT.sub("", text[heading.end() : end]).strip().rstrip(";")
        if not body:
            raise ValueError(f"query {name} is empty")
        if only == "part":
            parts[name] = body
        if only not in (None, dialect):
            continue
        body = _PART.sub(lambda use: parts[use[1]], body)
        if name in queries:
            raise ValueError(f"query {name} is there twice")
        queries[name] = body
    return queries
