"""`airchat-hub db`: the schema of the store. `airchat-hub backup`: a copy of everything."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import AsJson, show_one
from hub.cli.session import Config, settings_for
from hub.settings import Settings
from store.open import open_store
from store.ports.store import SchemaStatus, Store

app = typer.Typer(help="The schema of the store.", no_args_is_help=True)

OwnerUrl = Annotated[
    str | None,
    typer.Option(help="On Postgres: the login that owns the schema, if the hub's own does not."),
]


@app.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """Tell which migrations are applied and which are pending."""
    show_one(_row(asyncio.run(schema_status(settings_for(config)))), as_json=as_json)


@app.command()
def migrate(owner_url: OwnerUrl = None, config: Config = None, as_json: AsJson = False) -> None:
    """Bring the schema up to date; the hub does the same when it starts."""
    show_one(_row(asyncio.run(_migrate(settings_for(config), owner_url))), as_json=as_json)


def backup(
    target: Annotated[Path, typer.Argument(help="The folder to write the copy to; it must not exist yet.")],
    config: Config = None,
) -> None:
    """Copy the data of a running or stopped hub on SQLite: the database, the shared files and the secrets."""
    settings = settings_for(config)
    target.mkdir(mode=0o700, parents=True)
    asyncio.run(_store(settings).backup(target / "hub.db"))
    for entry in settings.hub.state_dir.iterdir():
        if entry.is_dir():
            shutil.copytree(entry, target / entry.name)
        elif not entry.name.startswith("hub.db"):
            shutil.copy2(entry, target / entry.name)
    typer.echo(
        f"Everything is in {target}. To restore, stop the hub and put the folder in place of its state directory."
    )


async def schema_status(settings: Settings) -> SchemaStatus:
    """Return how far the store's schema is."""
    return await _store(settings).status()


async def _migrate(settings: Settings, owner_url: str | None) -> SchemaStatus:
    store = _store(settings, owner_url)
    await store.open()
    try:
        return await store.status()
    finally:
        await store.close()


def _store(settings: Settings, owner_url: str | None = None) -> Store:
    settings.hub.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open_store(
        settings.store_url,
        registrar_url=settings.store.registrar_url,
        owner_url=owner_url or settings.store.owner_url,
    )


def _row(state: SchemaStatus) -> dict[str, object]:
    return {"current": state.current, "latest": state.latest, "pending": list(state.pending)}
