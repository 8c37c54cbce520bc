"""Picks a store's adapter by the scheme of its URL."""

from pathlib import Path

from store.errors import UnknownStore
from store.memory.store import MemoryStore
from store.ports.store import Store
from store.sqlite.store import SqliteStore

GROUP = "airchat_hub.stores"
"""Entry points of this group name a scheme and a callable that takes the URL and returns a `Store`."""

SHIPPED = frozenset({"memory", "postgresql", "sqlite"})


def open_store(url: str, *, registrar_url: str | None = None, owner_url: str | None = None) -> Store:
    """Return the store, not opened yet.

    Args:
        url: `sqlite:///relative.db` or `sqlite:////absolute.db`, `postgresql://…`, `memory:`, or a scheme that an
            installed package adds.
        registrar_url: Another login of the same Postgres server, for registration.
        owner_url: The login that owns the schema on Postgres, for migrations.

    Raises:
        UnknownStore: nothing is installed for the scheme; the text lists what is.
    """
    match url.partition(":")[0]:
        case "sqlite":
            return SqliteStore(Path(url.removeprefix("sqlite:///")))
        case "postgresql":
            from store.postgres.store import PostgresStore  # noqa: PLC0415 - slow import, for hubs on Postgres

            return PostgresStore(url, registrar_url=registrar_url, owner_url=owner_url)
        case "memory":
            return MemoryStore()
        case scheme:
            return _plugged_in(scheme, url)


def _plugged_in(scheme: str, url: str) -> Store:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow import, for stores of other packages

    plugins = {entry.name: entry for entry in entry_points(group=GROUP)}
    if scheme not in plugins:
        installed = ", ".join(sorted(SHIPPED | plugins.keys()))
        raise UnknownStore(f"There is no store for {scheme}: URLs; installed are {installed}.")
    store: Store = plugins[scheme].load()(url)
    return store
