"""The composition root: builds the hub, runs it, stops it in order. Large parts have files of their own beside it."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import uvloop

from airchat.protocol.files import File
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import DAY
from hub.api.cases import UseCases
from hub.cases import use_cases
from hub.core.clock import Clock, system_clock
from hub.core.credentials import ACCESS
from hub.core.demo import settle_demo_logins
from hub.core.events import EventBus
from hub.core.signatures import load_secret
from hub.core.system import SYSTEM, system_principal
from hub.jobs import Job, every, stop
from hub.logs import log_as_json
from hub.ports import named
from hub.relay.commands.cases import Cases
from hub.relay.commands.desk import CommandDesk
from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import Platform
from hub.relay.installed import installed
from hub.relay.linking import ConfiguredLink
from hub.relay.rules import rules_from
from hub.relay.runner import Relay
from hub.settings import Settings, SettingsError
from store.open import open_store
from store.ports.store import Store

if TYPE_CHECKING:  # for hubs that serve
    from airchat.async_transport import AsyncTransport
    from hub.api.asgi import Application
    from hub.irc import Irc
    from hub.mcp import Verify
    from hub.slack import Slack

logger = logging.getLogger(__name__)

VERSION = version("airchat-hub")

_SECRET = "links.secret"  # noqa: S105 - the name of a file
_COLLECT_AFTER = 10_000
"""How many objects are made before the collector looks for garbage; requests leave hardly any."""
_COLLECT_OLDER_AFTER = 50
"""How many times it looks at those before it looks again at what was left: mostly requests that are still under way."""
_SWITCH_SECONDS = 0.0001
"""How long the event loop may keep the store's thread, which has many short things to do, from running."""
_JANITOR_SECONDS = 2.0
_FLUSH_SECONDS = 5.0
_CURSOR_SECONDS = 0.5
_GUARD_SECONDS = 0.1
_GUEST_SECONDS = 120.0
_FILE_ADDRESS_TIME = 7 * DAY
_CLEAN_SECONDS = 3600.0
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


@dataclass(frozen=True, slots=True)
class Hub(Administration):
    """A hub that serves at its address; `irc` are the addresses of its IRC server, none when it has no such."""

    relay: Relay
    irc: tuple[str, ...] = ()

    def reload(self, settings: Settings) -> None:
        """Take over what can change while it runs: the links."""
        self.relay.reload(_configured(settings))


@asynccontextmanager
async def administration(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Administration]:
    """Open the store and give the use-cases over it; on leaving, finish what was accepted and close it."""
    secret = await asyncio.to_thread(_prepare_state, settings.hub.state_dir)
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
        yield Administration(settings, clock, store, cases, actor, _address(settings, settings.http.port))


@asynccontextmanager
async def running_hub(
    settings: Settings, *, clock: Clock = system_clock, platforms: Iterable[Platform] = ()
) -> AsyncIterator[Hub]:
    """Run a hub; `platforms` are bridged beside those of the settings.

    On leaving it stops accepting, lets requests finish, ends streams where clients can resume, and drains the store.
    """
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(administration(settings, clock))
        await _make_default_channels(hub)
        slack = _slack(settings)
        bridged = [*_platforms(settings, slack), *platforms]
        relay = _relay(hub, bridged)
        if slack is not None:
            slack.serve(relay.desk)
        for name, run in (*([("bridges", relay.run)] if bridged or slack else []), *_jobs(hub)):
            stack.push_async_callback(stop, asyncio.create_task(run(), name=name))
        irc = await _start_irc(hub, stack)
        port = await _start_http(hub, stack, irc, slack)
        addresses = irc.addresses if irc is not None else ()
        yield Hub(settings, clock, hub.store, hub.cases, hub.actor, _address(settings, port), relay, addresses)


def serve(
    settings: Settings,
    started: Callable[[Hub], Awaitable[None]] | None = None,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Run a hub until SIGINT or SIGTERM; `started` is called once it serves, `reread` at SIGHUP."""
    gc.disable()  # what is made until the hub serves is there to stay
    log_as_json()
    sys.setswitchinterval(_SWITCH_SECONDS)
    uvloop.run(_serve(settings, started, reread))


async def _serve(
    settings: Settings,
    started: Callable[[Hub], Awaitable[None]] | None,
    reread: Callable[[], Settings] | None,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_hub(settings) as hub:
        _settle()
        logger.info("serving at %s", hub.address if settings.http.enabled else ", ".join(hub.irc))
        if reread is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload, hub, reread)
        if started is not None:
            await started(hub)
        await stop.wait()
        logger.info("stopping")


def _reload(hub: Hub, reread: Callable[[], Settings]) -> None:
    """Take over what the settings say now, unless they cannot be used."""
    try:
        hub.reload(reread())
    except SettingsError as error:
        logger.error("the settings stay as they were: %s", error)  # noqa: TRY400 - the text says all
    else:
        logger.info("the links are as the settings say now")


def _settle() -> None:
    """Spare the garbage collector what was made for good: it would stop everything to look through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, _COLLECT_OLDER_AFTER)
    gc.enable()


def _store(settings: Settings) -> Store:
    section = settings.store
    return open_store(settings.store_url, registrar_url=section.registrar_url, owner_url=section.owner_url)


async def _start_http(hub: Administration, stack: AsyncExitStack, irc: "Irc | None", slack: "Slack | None") -> int:
    """Serve the API and return the port; where it is switched off, the one it would have."""
    if not hub.settings.http.enabled:
        return hub.settings.http.port
    from hub.http import running_http  # noqa: PLC0415 - slow import, for hubs that serve
    from hub.mcp import Mcp  # noqa: PLC0415 - same

    http = hub.settings.http
    names = {http.host, urlsplit(hub.settings.hub.public_url or "").hostname}
    hosts, rate = frozenset(filter(None, names)), hub.settings.limits.mcp
    mcp = Mcp(hub.cases.credentials, _load_mcp, hosts, rate) if http.mcp else None
    websocket = irc.running.websocket(http.trusted_proxies) if irc is not None else None
    with named(f"{http.host}:{http.port}", "http.port"):
        serving = running_http(
            hub.settings,
            hub.cases,
            VERSION,
            irc=websocket,
            mcp=mcp,
            slack=slack.requests.handle if slack is not None and slack.requests is not None else None,
            url=lambda port: _address(hub.settings, port),
        )
        return await stack.enter_async_context(serving)


def _load_mcp(url: str, transport: "AsyncTransport", verify: "Verify") -> AbstractAsyncContextManager["Application"]:
    from mcp_server.http import agent_app  # noqa: PLC0415 - slow import, for hubs that agents ask by MCP

    return agent_app(url, transport, verify)


async def _start_irc(hub: Administration, stack: AsyncExitStack) -> "Irc | None":
    """Serve IRC, if it is wanted."""
    irc = hub.settings.irc
    await settle_demo_logins(hub.store, hub.clock, wanted=irc.enabled and irc.demo_logins)
    if not irc.enabled:
        return None
    from hub.irc import running_irc  # noqa: PLC0415 - for hubs that serve IRC

    places = [(f"{irc.host}:{irc.port}", "irc.port")]
    if irc.tls_cert is not None:
        places.append((f"{irc.tls_host}:{irc.tls_port}", "irc.tls_port"))
    if irc.websocket_port is not None:
        places.append((f"{irc.websocket_host}:{irc.websocket_port}", "irc.websocket_port"))
    with named(*(" or ".join(words) for words in zip(*places, strict=True))):
        return await stack.enter_async_context(running_irc(hub.settings, hub.cases, VERSION, _web_url(hub.settings)))


def _platforms(settings: Settings, slack: "Slack | None") -> list[Platform]:
    try:
        known = [*(slack.platforms if slack else ()), *_discord(settings), *_irc_networks(settings)]
        return [*known, *installed(settings.bridges)]
    except ConfigError as error:
        raise SettingsError(str(error)) from error


def _slack(settings: Settings) -> "Slack | None":
    section = settings.slack
    if not section.enabled or (section.bot_token is None and section.signing_secret is None):
        return None
    from hub.slack import Slack  # noqa: PLC0415 - slow import, for hubs that have Slack

    return Slack(section)


def _discord(settings: Settings) -> list[Platform]:
    if not settings.discord.enabled or settings.discord.token is None:
        return []
    from hub.discord import platform  # noqa: PLC0415 - slow import, for hubs that have Discord

    return [platform(settings)]


def _irc_networks(settings: Settings) -> list[Platform]:
    if not settings.irc_networks:
        return []
    from hub.irc_networks import platforms  # noqa: PLC0415 - for hubs that have IRC networks

    return platforms(settings)


def _relay(hub: Administration, platforms: list[Platform]) -> Relay:
    """Return what keeps the bridges going."""
    return Relay(
        store=hub.store,
        bus=hub.cases.bus,
        directory=hub.cases.directory,
        messages=hub.cases.messages,
        reactions=hub.cases.reactions,
        channels=hub.cases.channels,
        files=hub.cases.files,
        address=_file_address(hub),
        approvals=hub.cases.approvals,
        guards=hub.cases.guards,
        clock=hub.clock,
        platforms=platforms,
        configured=_configured(hub.settings),
        desk=lambda relay: CommandDesk(_commands(hub, relay)),
    )


def _configured(settings: Settings) -> list[ConfiguredLink]:
    return [
        ConfiguredLink(it.channel, it.platform, it.remote, it.direction, rules_from(it.model_dump()))
        for it in settings.links
    ]


def _file_address(hub: Administration) -> Callable[[File], str] | None:
    """Return what makes addresses of files that are good for a week; nothing when they cannot be fetched."""
    base = _web_url(hub.settings)
    if base is None:
        return None
    # the same address each time, so that a text with it stays the same
    sign = hub.cases.files.sign
    return lambda file: f"{base}/signed/files/{quote(file.path)}?{sign(file, file.created_at + _FILE_ADDRESS_TIME)}"


def _commands(hub: Administration, relay: Relay) -> Cases:
    cases = hub.cases
    return Cases(
        agents=cases.agents,
        approvals=cases.approvals,
        channels=cases.channels,
        clock=hub.clock,
        directory=cases.directory,
        guards=cases.guards,
        health=relay.health,
        history=cases.history,
        link_codes=cases.link_codes,
        links=relay.links,
        messages=cases.messages,
        mutes=relay.mutes,
        presence=cases.presence,
        store=hub.store,
        task_lists=cases.task_lists,
        tasks=cases.tasks,
        workspaces=relay.workspaces,
    )


def _jobs(hub: Administration) -> list[Job]:
    """Return what is done again and again."""
    return [
        ("janitor", every(_JANITOR_SECONDS, hub.cases.janitor.sweep)),
        ("approvals", every(_JANITOR_SECONDS, hub.cases.approvals.sweep)),
        ("reservations", every(_JANITOR_SECONDS, hub.cases.reservations.sweep)),
        ("guards", every(_GUARD_SECONDS, hub.cases.guards.tick)),
        ("wakes", every(_CLEAN_SECONDS, hub.cases.guards.forget)),
        ("usage", every(_CLEAN_SECONDS, hub.cases.usages.forget)),
        ("presence", every(_FLUSH_SECONDS, hub.cases.presence.flush)),
        ("credentials", every(_FLUSH_SECONDS, hub.cases.credentials.flush)),
        ("cursors", every(_CURSOR_SECONDS, hub.cases.cursors.flush)),
        ("guests", every(_GUEST_SECONDS, hub.cases.guests.beat)),
        ("forgotten guests", every(_GUEST_SECONDS, hub.cases.guests.sweep)),
        ("files", every(_CLEAN_SECONDS, hub.cases.files.tidy)),
    ]


def _web_url(settings: Settings) -> str | None:
    """Return how links to the hub begin; None when it serves no HTTP, or on a port that nobody knows yet."""
    if not settings.hub.public_url and not (settings.http.enabled and settings.http.port):
        return None
    return _address(settings, settings.http.port)


def _address(settings: Settings, port: int) -> str:
    if settings.hub.public_url:
        return settings.hub.public_url.rstrip("/")
    host = _NEAREST.get(settings.http.host, settings.http.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _make_default_channels(hub: Administration) -> None:
    """Make the channels every hub begins with, on its first start."""
    if hub.cases.directory.channels():
        return
    for name in hub.settings.hub.default_channels:
        await hub.cases.channels.open(hub.actor, name)


def _prepare_state(folder: Path) -> bytes:
    """Make the state directory, readable by its owner alone; return the secret that signs links to files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return load_secret(folder / _SECRET)
