"""How a command reaches the hub's data: its settings, and the use-cases over its store."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import platformdirs
import typer

from hub.settings import Settings, load_settings

if TYPE_CHECKING:  # slow import
    from hub.app import Administration

CONFIG_VARIABLE = "AIRCHAT_HUB_CONFIG"

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar=CONFIG_VARIABLE, help="The hub.toml to use.", show_default=False),
]

Result = TypeVar("Result")


def default_config() -> Path:
    """Return where hub.toml is looked for when none is named."""
    return platformdirs.user_config_path("airchat-hub") / "hub.toml"


def settings_for(config: Path | None) -> Settings:
    """Read the named hub.toml, else the default one where it exists, else only the environment.

    Raises:
        SettingsError: a setting cannot be.
    """
    if config is None and default_config().exists():
        config = default_config()
    return load_settings(config, os.environ)


def administer(config: Path | None, work: Callable[["Administration"], Awaitable[Result]]) -> Result:
    """Open the hub's store, do the work as the hub itself, and close it."""
    from hub.app import administration  # noqa: PLC0415 - slow import

    async def run() -> Result:
        async with administration(settings_for(config)) as hub:
            return await work(hub)

    return asyncio.run(run())
