"""`airchat-hub db`: the schema of the store, and backups of it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import AsJson, show_one
from hub.cli.session import Config, settings_for

app = typer.Typer(help="The database.", no_args_is_help=True)

OwnerUrl = Annotated[
    str | None,
    typer.Option("--owner-url", help="On Postgres: the login that owns the schema, if the hub's own does not."),
]


@app.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """Tell which migrations are applied and which are pending."""
    from hub.app import schema_status  # noqa: PLC0415 - slow import

    state = asyncio.run(schema_status(settings_for(config)))
    row = {"current": state.current, "latest": state.latest, "pending": list(state.pending)}
    show_one(row, as_json=as_json)


@app.command()
def migrate(owner_url: OwnerUrl = None, config: Config = None, as_json: AsJson = False) -> None:
    """Bring the schema up to date; the hub does the same when it starts."""
    from hub.app import migrate_schema  # noqa: PLC0415 - slow import

    state = asyncio.run(migrate_schema(settings_for(config), owner_url))
    show_one({"current": state.current, "latest": state.latest}, as_json=as_json)


def backup(
    target: Annotated[Path, typer.Argument(help="The folder to write the copy to; it must not exist yet.")],
    config: Config = None,
) -> None:
    """Copy the data of a running or stopped hub: the database (SQLite) and the shared files."""
    from hub.app import backup_data  # noqa: PLC0415 - slow import

    asyncio.run(backup_data(settings_for(config), target))
    typer.echo(
        f"Everything is in {target}. To restore: stop the hub and put the folder in place of its state directory."
    )
