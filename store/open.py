"""Picks a store's adapter by the scheme of its URL."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from store.errors import UnknownStore
from store.ports.store import Store
from store.sqlite.store import SqliteStore

GROUP = "airchat_hub.stores"
"""Entry points of this group name a scheme and a callable that takes the URL and returns a `Store`."""


def open_store(url: str) -> Store:
    """Return the store, not opened yet.

    `sqlite:///relative.db` and `sqlite:////absolute.db`, `postgresql://…`, `memory:`, or a scheme that an installed package adds.

    Raises:
        UnknownStore: nothing is installed for the scheme; the text lists what is.
    """
    scheme = url.partition(":")[0]
    factories = installed_stores()
    if scheme not in factories:
        raise UnknownStore(f"There is no store for {scheme}: URLs; installed are {', '.join(sorted(factories))}.")
    return factories[scheme](url)


def installed_stores() -> dict[str, Callable[[str], Store]]:
    """Return the factories by scheme; a plugin does not replace what the hub brings along."""
    plugins = {entry.name: entry.load() for entry in entry_points(group=GROUP)}
    return plugins | {"sqlite": _sqlite}


def _sqlite(url: str) -> Store:
    return SqliteStore(Path(url.removeprefix("sqlite:///")))
