"""Administering a hub: the use-cases over its open store, which a hub that serves builds on, and commands use alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from airchat.protocol.principals import Principal
from hub.api.cases import UseCases
from hub.cases import use_cases
from hub.core.clock import Clock, system_clock
from hub.core.credentials import ACCESS
from hub.core.events import EventBus
from hub.core.signatures import load_secret
from hub.core.system import SYSTEM, system_principal
from hub.settings import Settings
from store.open import open_store
from store.ports.store import Store

_SECRET = "links.secret"  # noqa: S105 - the name of a file
_NEAREST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a hub that listens everywhere is reached


@dataclass(frozen=True, slots=True)
class Administration:
    """The use-cases over an open store, and the hub itself as the one who acts.

    `address` is how clients reach the hub when it runs: a URL without a slash at its end.
    """

    settings: Settings
    clock: Clock
    store: Store
    cases: UseCases
    actor: Principal
    address: str


@asynccontextmanager
async def administration(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Administration]:
    """Open the store and give the use-cases over it; on leaving, finish what was accepted and close it."""
    secret = await asyncio.to_thread(hub_secret, settings.hub.state_dir)
    store = _store(settings)
    async with AsyncExitStack() as stack:
        bus = EventBus(store)
        cases = use_cases(settings, clock, store, bus, secret)
        bus.add_listener(cases.credentials.observe, ACCESS)
        stack.push_async_callback(store.close)
        await store.open()
        stack.push_async_callback(bus.close)
        await bus.start()
        await cases.directory.load()
        stack.push_async_callback(cases.presence.flush)
        stack.push_async_callback(cases.credentials.flush)
        actor = await system_principal(store, clock, SYSTEM)
        yield Administration(settings, clock, store, cases, actor, address_of(settings, settings.http.port))


def web_url(settings: Settings) -> str | None:
    """Return how links to the hub begin; None when it serves no HTTP, or on a port that nobody knows yet."""
    if not settings.hub.public_url and not (settings.http.enabled and settings.http.port):
        return None
    return address_of(settings, settings.http.port)


def address_of(settings: Settings, port: int) -> str:
    """Return how clients reach a hub that listens on the port."""
    if settings.hub.public_url:
        return settings.hub.public_url.rstrip("/")
    host = _NEAREST.get(settings.http.host, settings.http.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _store(settings: Settings) -> Store:
    section = settings.store
    return open_store(settings.store_url, registrar_url=section.registrar_url, owner_url=section.owner_url)


def hub_secret(folder: Path) -> bytes:
    """Make the state directory, readable by its owner alone; return the secret from which its keys are made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return load_secret(folder / _SECRET)
