"""Installed bridges: those that other distributions bring along, found by their entry points."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import GROUP, Maker, Platform


def installed(tables: Mapping[str, Mapping[str, Any]]) -> list[Platform]:
    """Return the platforms of these tables of settings, each made by the bridge of that name.

    Raises:
        ConfigError: there is no such bridge, it cannot be loaded, or its settings cannot work.
    """
    if not tables:
        return []
    known = {point.name: point for point in entry_points(group=GROUP)}
    platforms = []
    for name, settings in tables.items():
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise ConfigError(f"[bridges.{name}]: no bridge of that name is installed; there are: {there}")
        try:
            make: Maker = known[name].load()
        except Exception as error:
            raise ConfigError(f"[bridges.{name}]: the bridge cannot be loaded: {error}") from error
        platforms.append(make(settings))
    return platforms
