"""Options that the commands share, and what they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from runner.config import CONFIG, SettingsError, default_config, load_settings
from runner.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option("--config", help=f"The settings file; default: {CONFIG}, else ~/.config/airchat-runner/runner.toml."),
]
AgentName = Annotated[str | None, typer.Option("--agent", help="Only this agent, by its name in the settings file.")]


def settings_for(config: Path | None) -> Settings:
    """Return the settings in use; errors as in `load_settings`, and without agents there is nothing to do.

    Raises:
        SettingsError: the file cannot be used, or has no agent.
    """
    path = config or default_config()
    settings = load_settings(path)
    if not settings.agents:
        raise SettingsError(f"{path}: there is no agent; one is set up under [agents.NAME]")
    return settings


def chosen(settings: Settings, agent: str | None) -> Settings:
    """Return the settings with one agent alone, if one is named.

    Raises:
        SettingsError: there is no such agent.
    """
    if agent is None:
        return settings
    if agent not in settings.agents:
        raise SettingsError(f"there is no agent {agent}; there are {', '.join(settings.agents)}")
    return settings.model_copy(update={"agents": {agent: settings.agents[agent]}})
