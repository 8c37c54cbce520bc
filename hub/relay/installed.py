"""Installed bridges: those that other distributions bring along, found by their entry points."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import GROUP, Maker, Platform


def installed(tables: Mapping[str, Mapping[str, Any]]) -> list[Platform]:
    """Return the platforms of these tables of settings, each made by the bridge of that name.

    Raises:
        ConfigError: there is no such bridge or more than one, it cannot be loaded, or its settings cannot work.
    """
    points = list(entry_points(group=GROUP)) if tables else []
    return [_made(name, settings, points) for name, settings in tables.items()]


def _made(name: str, settings: Mapping[str, Any], points: Sequence[EntryPoint]) -> Platform:
    try:
        platform: object = _maker(name, points)(settings)
    except ConfigError as error:
        raise ConfigError(f"[bridges.{name}]: {error}") from error
    except Exception as error:
        raise ConfigError(f"[bridges.{name}]: the bridge broke: {type(error).__name__}: {error}") from error
    if not isinstance(platform, Platform):
        raise ConfigError(f"[bridges.{name}]: the bridge must make a Platform, not {type(platform).__name__}")
    if platform.name != name:
        raise ConfigError(f"[bridges.{name}]: the bridge's platform is called {platform.name}: both must have one name")
    return platform


def _maker(name: str, points: Sequence[EntryPoint]) -> Maker:
    found = [point for point in points if point.name == name]
    if not found:
        there = ", ".join(sorted({point.name for point in points})) or "none"
        raise ConfigError(f"no bridge of that name is installed; there are: {there}")
    if len(found) > 1:
        brought = " and ".join(sorted(point.dist.name if point.dist else point.value for point in found))
        raise ConfigError(f"{brought} both bring a bridge of that name; uninstall one")
    try:
        make: Maker = found[0].load()
    except Exception as error:
        raise ConfigError(f"the bridge cannot be loaded: {type(error).__name__}: {error}") from error
    return make
