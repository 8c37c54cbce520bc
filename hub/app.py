"""The composition root: builds the hub, runs it, stops it in order. Large parts have files of their own beside it."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvloop

from hub.administration import Administration, address_of, administration, hub_secret, web_url
from hub.bridges import configured_links, platforms_of, relay_of, slack_of
from hub.core.clock import Clock, system_clock
from hub.core.demo import settle_demo_logins
from hub.core.signatures import derived
from hub.jobs import Job, every, stop
from hub.logs import log_as_json
from hub.ports import check_free, http_places, irc_places, named
from hub.relay.contract.platform import Platform
from hub.relay.runner import Relay
from hub.settings import Settings, SettingsError

if TYPE_CHECKING:  # for hubs that serve
    from airchat.async_transport import AsyncTransport
    from hub.api.asgi import Application
    from hub.http import Measure
    from hub.irc import Irc
    from hub.mcp import Verify
    from hub.slack import Slack

logger = logging.getLogger(__name__)

VERSION = version("airchat-hub")

_COLLECT_AFTER = 10_000
"""How many objects are made before the collector looks for garbage; requests leave hardly any."""
_COLLECT_OLDER_AFTER = (50, 2)
"""How many times it looks at those before it looks again at what was left, mostly requests that are still under way;
and how many times at that before it looks at all there is."""
_SWITCH_SECONDS = 0.0001
"""How long the event loop may keep the store's thread, which has many short things to do, from running."""
_JANITOR_SECONDS = 2.0
_FLUSH_SECONDS = 5.0
_CURSOR_SECONDS = 0.5
_GUARD_SECONDS = 0.1
_GUEST_SECONDS = 120.0
_CLEAN_SECONDS = 3600.0
_CLEAN_FIRST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Hub(Administration):
    """A hub that serves at its address, and IRC where that is wanted."""

    relay: Relay
    irc_server: "Irc | None"

    @property
    def irc(self) -> tuple[str, ...]:
        """The addresses of its IRC server, none when it has no such."""
        return self.irc_server.addresses if self.irc_server is not None else ()

    def reload(self, settings: Settings) -> None:
        """Take over what can change while it runs: the links, and the certificate that IRC shows."""
        self.relay.reload(configured_links(settings))
        if self.irc_server is not None:
            self.irc_server.reload()


@asynccontextmanager
async def running_hub(
    settings: Settings, *, clock: Clock = system_clock, platforms: Iterable[Platform] = ()
) -> AsyncIterator[Hub]:
    """Run a hub; `platforms` are bridged beside those of the settings.

    Where a port is taken nothing is touched, and no data migrated. On leaving it stops accepting, lets requests finish,
    ends streams where clients can resume, and drains the store.
    """
    await asyncio.to_thread(check_free, settings)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(administration(settings, clock))
        await _make_default_channels(hub)
        slack = slack_of(settings)
        bridged = [*platforms_of(settings, slack), *platforms]
        relay = relay_of(hub, bridged)
        if slack is not None:
            slack.serve(relay.desk)
        for name, run in (*([("bridges", relay.run)] if bridged or slack else []), *_jobs(hub)):
            stack.push_async_callback(stop, asyncio.create_task(run(), name=name))
        irc = await _start_irc(hub, stack)
        port = await _start_http(hub, stack, irc, slack, relay)
        yield Hub(settings, clock, hub.store, hub.cases, hub.actor, address_of(settings, port), relay, irc)


def serve(
    settings: Settings, reread: Callable[[], Settings], started: Callable[[Hub], Awaitable[None]] | None = None
) -> None:
    """Run a hub until SIGINT or SIGTERM; `reread` is called at SIGHUP, `started` once it serves."""
    gc.disable()  # what is made until the hub serves is there to stay
    log_as_json()
    sys.setswitchinterval(_SWITCH_SECONDS)
    uvloop.run(_serve(settings, reread, started))


async def _serve(
    settings: Settings, reread: Callable[[], Settings], started: Callable[[Hub], Awaitable[None]] | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_hub(settings) as hub:
        _settle()
        logger.info("serving at %s", hub.address if settings.http.enabled else ", ".join(hub.irc))
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
    gc.set_threshold(_COLLECT_AFTER, *_COLLECT_OLDER_AFTER)
    gc.enable()


async def _start_http(
    hub: Administration, stack: AsyncExitStack, irc: "Irc | None", slack: "Slack | None", relay: Relay
) -> int:
    """Serve the API and return the port; where it is switched off, the one it would have."""
    if not hub.settings.http.enabled:
        return hub.settings.http.port
    from hub.http import running_http  # noqa: PLC0415 - slow import, for hubs that serve
    from hub.mcp import Mcp  # noqa: PLC0415 - same

    http = hub.settings.http
    names = {http.host, urlsplit(hub.settings.hub.public_url or "").hostname}
    hosts, rate = frozenset(filter(None, names)), hub.settings.limits.mcp
    load = partial(_load_mcp, hub.settings.hub.state_dir)
    mcp = Mcp(hub.cases.credentials, load, hosts, rate) if http.mcp else None
    websocket = irc.running.websocket(http.trusted_proxies) if irc is not None else None
    # in a thread, as the library reads files of the system when it is imported
    measure = await asyncio.to_thread(_metrics, hub, irc, relay) if http.metrics != "off" else None
    with named(http_places(hub.settings)):
        serving = running_http(
            hub.settings,
            hub.cases,
            VERSION,
            irc=websocket,
            mcp=mcp,
            slack=slack.requests.handle if slack is not None and slack.requests is not None else None,
            metrics=measure,
            url=lambda port: address_of(hub.settings, port),
        )
        return await stack.enter_async_context(serving)


def _metrics(hub: Administration, irc: "Irc | None", relay: Relay) -> "Measure":
    """Return what answers who measures the hub."""
    from hub.metrics import Metrics  # noqa: PLC0415 - slow import, for hubs that serve

    return Metrics(
        hub.store,
        hub.cases,
        hub.clock,
        relay.counters,
        connections=lambda: len(irc.running.server.sessions) if irc is not None else 0,
        loopback=hub.settings.http.metrics == "loopback",
    ).handle


def _load_mcp(
    folder: Path, url: str, transport: "AsyncTransport", verify: "Verify"
) -> AbstractAsyncContextManager["Application"]:
    from mcp_server.http import agent_app  # noqa: PLC0415 - slow import, for hubs that agents ask by MCP

    return agent_app(url, transport, verify, derived(hub_secret(folder), "mcp request state"))


async def _start_irc(hub: Administration, stack: AsyncExitStack) -> "Irc | None":
    """Serve IRC, if it is wanted."""
    irc = hub.settings.irc
    await settle_demo_logins(hub.store, hub.clock, wanted=irc.enabled and irc.demo_logins)
    if not irc.enabled:
        return None
    from hub.irc import running_irc  # noqa: PLC0415 - for hubs that serve IRC

    with named(irc_places(hub.settings)):
        return await stack.enter_async_context(running_irc(hub.settings, hub.cases, VERSION, web_url(hub.settings)))


def _jobs(hub: Administration) -> list[Job]:
    """Return what is done again and again."""
    hourly = partial(every, _CLEAN_SECONDS, first=_CLEAN_FIRST_SECONDS)
    return [
        ("janitor", every(_JANITOR_SECONDS, hub.cases.janitor.sweep)),
        ("approvals", every(_JANITOR_SECONDS, hub.cases.approvals.sweep)),
        ("reservations", every(_JANITOR_SECONDS, hub.cases.reservations.sweep)),
        ("guards", every(_GUARD_SECONDS, hub.cases.guards.follow)),
        ("wakes", hourly(hub.cases.guards.forget)),
        ("old credentials", hourly(hub.cases.credentials.forget)),
        ("old invitations", hourly(hub.cases.machines.forget)),
        ("usage", hourly(hub.cases.usages.forget)),
        ("presence", every(_FLUSH_SECONDS, hub.cases.presence.flush)),
        ("credentials", every(_FLUSH_SECONDS, hub.cases.credentials.flush)),
        ("cursors", every(_CURSOR_SECONDS, hub.cases.cursors.flush)),
        ("guests", every(_GUEST_SECONDS, hub.cases.guests.beat)),
        ("forgotten guests", every(_GUEST_SECONDS, hub.cases.guests.sweep)),
        ("files", hourly(hub.cases.files.tidy)),
    ]


async def _make_default_channels(hub: Administration) -> None:
    """Make the channels every hub begins with, on its first start."""
    if hub.cases.directory.channels():
        return
    for name in hub.settings.hub.default_channels:
        await hub.cases.channels.open(hub.actor, name)
