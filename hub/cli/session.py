"""How a command reaches the hub's data: its settings, and the use-cases over its store."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import platformdirs
import typer

from hub.settings import Settings, load_settings
from store.open import open_store
from store.ports.store import Store

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

CONFIG_VARIABLE = "AIRCHAT_HUB_CONFIG"

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar=CONFIG_VARIABLE, help="The hub.toml to use.", show_default=False),
]

Result = TypeVar("Result")


def default_config() -> Path:
    """Return where hub.toml is looked for when none is named."""
    return platformdirs.user_config_path("airchat-hub") / "hub.toml"


def config_in_use(config: Path | None) -> Path | None:
    """Return the named hub.toml, else the default one where it exists, else None."""
    return config or next((path for path in [default_config()] if path.exists()), None)


def settings_for(config: Path | None) -> Settings:
    """Read the hub.toml in use, and the environment.

    Raises:
        SettingsError: a setting cannot be.
    """
    return load_settings(config_in_use(config))


def open_configured(settings: Settings) -> Store:
    """Return the configured store, not opened yet."""
    section = settings.store
    return open_store(settings.store_url, registrar_url=section.registrar_url, owner_url=section.owner_url)


def administer(config: Path | None, work: Callable[["Administration"], Awaitable[Result]]) -> Result:
    """Open the hub's store, do the work as the hub itself, and close it."""
    from hub.administration import administration  # noqa: PLC0415 - slow import

    settings = settings_for(config)

    async def run() -> Result:
        async with administration(settings) as hub:
            return await work(hub)

    return asyncio.run(run())
