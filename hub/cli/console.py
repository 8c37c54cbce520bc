"""What commands print: tables for people, JSON for programs, and errors that say the fix."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show(rows: Sequence[Mapping[str, Any]], columns: Iterable[str], *, as_json: bool, empty: str) -> None:
    """Print rows: as a JSON list with every field, or as a table of these columns."""
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console  # noqa: PLC0415 - slow import
    from rich.table import Table  # noqa: PLC0415 - slow import
    from rich.text import Text  # noqa: PLC0415 - slow import

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    Console().print(table)


def show_one(row: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: as a JSON object, or a line per field."""
    if as_json:
        typer.echo(json.dumps(row, indent=2, ensure_ascii=False))
        return
    width = max(len(key) for key in row)
    for key, value in row.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {_cell(value)}")


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(item) for item in value) or "-"
        case str():
            return "".join(char if char.isprintable() else " " for char in value)
        case _:
            return str(value)
