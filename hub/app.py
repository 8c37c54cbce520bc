"""The composition root: the only file that names concrete adapters. It builds the hub, runs it and stops it in order."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
import uvloop
from aiohttp import web

from airchat.protocol.principals import Principal
from bridges.slack.bridge import slack_platform
from hub.api.cases import UseCases
from hub.api.endpoint import Bucket
from hub.api.server import make_application
from hub.api.site import Site
from hub.api.stream import Streams
from hub.core.agents import Agents
from hub.core.audit import Audit
from hub.core.blobs import Blobs
from hub.core.channels import Channels
from hub.core.clock import Clock, system_clock
from hub.core.credentials import Credentials
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.files import Files
from hub.core.inbox import Inbox
from hub.core.janitor import Janitor
from hub.core.machines import Machines
from hub.core.mentions import Mentions
from hub.core.messages import Messages
from hub.core.people import People
from hub.core.presence import Presence
from hub.core.registration import Registration, RegistrationLimits
from hub.core.search import Search
from hub.core.signatures import Signatures, load_secret
from hub.core.system import SYSTEM, system_principal
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from hub.relay.contract import Platform
from hub.relay.lanes import Lanes
from hub.relay.links import Links
from hub.relay.planner import Planner
from hub.relay.supervisor import Supervisor
from hub.settings import Settings
from store.errors import LeadLost
from store.open import open_store
from store.ports.store import Store

logger = logging.getLogger(__name__)

VERSION = version("airchat-hub")

_SHUTDOWN_SECONDS = 10.0
_JANITOR_SECONDS = 2.0
_FLUSH_SECONDS = 5.0
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
    """A hub that serves at its address."""


@asynccontextmanager
async def administration(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Administration]:
    """Open the store and give the use-cases over it; on leaving, finish what was accepted and close it."""
    secret = await asyncio.to_thread(_prepare_state, settings.hub.state_dir)
    store = open_store(
        settings.store_url, registrar_url=settings.store.registrar_url, owner_url=settings.store.owner_url
    )
    async with AsyncExitStack() as stack:
        bus = EventBus(store)
        directory = Directory(store, bus)
        cases = _use_cases(settings, clock, store, bus, directory, secret)
        bus.add_listener(cases.credentials.observe)
        stack.push_async_callback(store.close)
        await store.open()
        stack.push_async_callback(bus.close)
        await bus.start()
        await directory.load()
        stack.push_async_callback(cases.presence.flush)
        stack.push_async_callback(cases.credentials.flush)
        actor = await system_principal(store, clock, SYSTEM)
        yield Administration(settings, clock, store, cases, actor, _address(settings, settings.http.port))


@asynccontextmanager
async def running_hub(
    settings: Settings, *, clock: Clock = system_clock, platforms: Iterable[Platform] = ()
) -> AsyncIterator[Hub]:
    """Run a hub; `platforms` are bridged beside those of the settings.

    On leaving it stops accepting, lets requests finish, ends streams where their clients can resume, and drains the store.
    """
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(administration(settings, clock))
        await _make_default_channels(hub)
        for name, run in (*_relay(hub, [*_platforms(settings), *platforms]), *_jobs(hub)):
            stack.push_async_callback(_stop, asyncio.create_task(run(), name=name))
        port = await _listen(hub, stack)
        yield Hub(settings, clock, hub.store, hub.cases, hub.actor, _address(settings, port))


def serve(settings: Settings, started: Callable[[Hub], Awaitable[None]] | None = None) -> None:
    """Run a hub until SIGINT or SIGTERM; `started` is called once it serves."""
    _log_as_json()
    uvloop.run(_serve(settings, started))


async def _serve(settings: Settings, started: Callable[[Hub], Awaitable[None]] | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_hub(settings) as hub:
        logger.info("serving at %s", hub.address)
        if started is not None:
            await started(hub)
        await stop.wait()
        logger.info("stopping")


def _use_cases(
    settings: Settings, clock: Clock, store: Store, bus: EventBus, directory: Directory, secret: bytes
) -> UseCases:
    limits, admin_secret = settings.limits, settings.auth.admin_secret
    channels = Channels(store, clock, directory)
    credentials = Credentials(store, clock)
    registration = RegistrationLimits(limits.register_per_ip, limits.register_per_machine, limits.agents_per_machine)

    async def ready() -> bool:
        async with store.read() as unit:
            return await unit.events.head() >= 0

    return UseCases(
        agents=Agents(store, clock),
        audit=Audit(store),
        bus=bus,
        channels=channels,
        credentials=credentials,
        directory=directory,
        files=Files(store, clock, channels, _blobs(settings), Signatures(secret), max_bytes=settings.files.max_bytes),
        inbox=Inbox(store, clock, directory),
        machines=Machines(store, clock, admin_secret.get_secret_value() if admin_secret else None),
        mentions=Mentions(store, clock, directory),
        messages=Messages(store, clock, directory, channels),
        people=People(store, clock),
        presence=Presence(store, clock),
        registration=Registration(store, clock, registration),
        search=Search(store, directory),
        streams=Streams(bus, directory, credentials, limits.streams_per_principal),
        task_lists=TaskLists(store, channels),
        tasks=Tasks(store, clock, channels),
        clock=clock,
        ready=ready,
    )


def _blobs(settings: Settings) -> Blobs:
    return Blobs(settings.hub.state_dir / "files")


async def _listen(hub: Administration, stack: AsyncExitStack) -> int:
    """Serve the API and return the port."""
    settings = hub.settings
    site = Site(settings.hub.name, settings.hub.public_url, settings.http.trusted_proxies)
    rates = {Bucket.READ: settings.limits.read, Bucket.WRITE: settings.limits.write}
    application = make_application(hub.cases, site, rates, VERSION)
    application.on_shutdown.append(lambda _: hub.cases.streams.close())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.http.host, settings.http.port, backlog=1024).start()
    return int(runner.addresses[0][1])


def _platforms(settings: Settings) -> list[Platform]:
    slack = settings.slack
    if not slack.enabled or slack.bot_token is None or slack.app_token is None:
        return []
    return [slack_platform(slack.bot_token.get_secret_value(), slack.app_token.get_secret_value(), slack.api_url)]


Job = tuple[str, Callable[[], Coroutine[Any, Any, None]]]


def _relay(hub: Administration, platforms: list[Platform]) -> list[Job]:
    """Return what keeps the bridges going; nothing when there are none."""
    if not platforms:
        return []
    by_name = {platform.name: platform for platform in platforms}
    cases = hub.cases
    links = Links(hub.store, cases.directory, hub.clock)
    lanes = Lanes(hub.store, cases.directory, links, hub.clock)
    planner = Planner(hub.store, cases.bus, links, lanes, by_name)
    supervisor = Supervisor(
        store=hub.store,
        directory=cases.directory,
        messages=cases.messages,
        links=links,
        lanes=lanes,
        clock=hub.clock,
        platforms=by_name,
    )

    async def run() -> None:
        while True:
            with contextlib.suppress(LeadLost):
                async with hub.store.lead("bridges"):
                    await links.load()
                    for link in hub.settings.links:
                        await cases.channels.open(hub.actor, link.channel)
                        await links.add(
                            link.channel, link.platform, link.workspace, link.remote_channel, link.direction
                        )
                    async with asyncio.TaskGroup() as group:
                        group.create_task(planner.run(), name="planner")
                        group.create_task(supervisor.run(), name="supervisor")

    return [("bridges", run)]


def _jobs(hub: Administration) -> list[Job]:
    """Return what is done again and again."""
    janitor = Janitor(hub.store, hub.clock)

    def every(seconds: float, work: Callable[[], Awaitable[object]]) -> Callable[[], Coroutine[Any, Any, None]]:
        async def repeat() -> None:
            while True:
                await asyncio.sleep(seconds)
                try:
                    await work()
                except Exception:
                    logger.exception("a periodic job failed; it will be tried again")

        return repeat

    return [
        ("janitor", every(_JANITOR_SECONDS, janitor.sweep)),
        ("presence", every(_FLUSH_SECONDS, hub.cases.presence.flush)),
        ("credentials", every(_FLUSH_SECONDS, hub.cases.credentials.flush)),
        ("files", every(_CLEAN_SECONDS, _blobs(hub.settings).clean)),
    ]


def _address(settings: Settings, port: int) -> str:
    if settings.hub.public_url:
        return settings.hub.public_url.rstrip("/")
    host = _NEAREST.get(settings.http.host, settings.http.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    except Exception:
        logger.exception("%s had failed", task.get_name())


async def _make_default_channels(hub: Administration) -> None:
    """Make the channels every hub begins with, on its first start."""
    if hub.cases.directory.channels():
        return
    for name in hub.settings.hub.default_channels:
        await hub.cases.channels.open(hub.actor, name)


def _prepare_state(folder: Path) -> bytes:
    """Make the state directory, readable by its owner alone; return the secret that signs links to files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return load_secret(folder / "links.secret")


def _log_as_json() -> None:
    """Write every log record as one line of JSON to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
