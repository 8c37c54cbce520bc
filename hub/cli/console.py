"""What commands print: tables for people, JSON for programs.

Names and texts were chosen by others: what cannot be printed is left out, so that none of it can move the cursor.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def show(rows: Sequence[Mapping[str, Any]], columns: Iterable[str], *, as_json: bool, empty: str) -> None:
    """Print rows: as a JSON list with every field, or as a table of these columns."""
    if as_json:
        show_json(rows)
        return
    if not rows:
        typer.echo(empty)
        return
    names = tuple(columns)
    head = tuple(name.replace("_", " ") for name in names)
    table = [head, *(tuple(_cell(row.get(name)) for name in names) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show_one(row: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: as a JSON object, or a line per field."""
    if as_json:
        show_json(row)
        return
    width = max(len(key) for key in row)
    for key, value in row.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {_cell(value)}")


def report(text: str, row: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what was done: in words, or as the JSON of what was changed."""
    if as_json:
        show_json(row)
    else:
        typer.echo(text)


def show_json(value: Any) -> None:
    """Print JSON."""
    typer.echo(json.dumps(value, indent=2))


def printable(text: str) -> str:
    """Return text on one line that moves nothing on a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return printable(", ".join(map(str, value))) or "-"
        case _:
            return printable(str(value))
