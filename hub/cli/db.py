"""`airchat-hub db`: the schema of the store."""

import asyncio
from typing import Annotated

import typer

from hub.cli.console import AsJson, show_one
from hub.cli.session import Config, open_configured, settings_for
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
    show_one(_row(asyncio.run(open_configured(settings_for(config)).status())), as_json=as_json)


@app.command()
def migrate(owner_url: OwnerUrl = None, config: Config = None, as_json: AsJson = False) -> None:
    """Bring the schema up to date; the hub does the same when it starts."""
    settings = settings_for(config)
    # The owner alone: the hub's own logins may not exist before the schema and its roles do.
    owner = owner_url or settings.store.owner_url
    store = open_store(owner) if owner else open_configured(settings)
    show_one(_row(asyncio.run(_migrate(store))), as_json=as_json)


async def _migrate(store: Store) -> SchemaStatus:
    await store.open()
    try:
        return await store.status()
    finally:
        await store.close()


def _row(state: SchemaStatus) -> dict[str, object]:
    return {"current": state.current, "latest": state.latest, "pending": list(state.pending)}
