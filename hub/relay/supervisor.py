"""Supervisor: keeps one bridge per platform running, with a fresh bridge after every failure that may pass."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial

from airchat.protocol.timestamps import SECOND
from hub.core.clock import Clock
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady, SlowDown
from hub.relay.contract.platform import Platform
from hub.relay.counters import Count, Counters
from hub.relay.identities import Identities
from hub.relay.inward.inbox import Inbox
from hub.relay.linking import Linking
from hub.relay.links import Links
from hub.relay.outward.lanes import Connection, Lanes
from hub.relay.pace import CONNECTING, EVERYTHING, REMEMBERED_SECONDS, Pace
from hub.relay.waits import apart, backoff, sleep_until
from hub.relay.workspaces import Workspaces
from store.ports.relay import BridgeState, Closed
from store.ports.store import Store
from store.ports.unit import Unit

PROBE_SECONDS = 15.0
"""How long a probe may take. A silent connection is replaced after `silence_seconds` and this, at the latest."""

_LOOK_FOR_LINKS_SECONDS = 1.0
_NEWS_SECONDS = 2.0
_ENSURE_SECONDS = 300.0
_HEAD_START_SECONDS = 5.0
"""How long new links are waited for at a start; those that take longer, as many that have to be joined, come behind."""
_STABLE = 60 * SECOND

_log = logging.getLogger(__name__)

MakeInbox = Callable[[Bridge, Identities, Pace], Inbox]


class Supervisor:
    """Runs the bridges of this process."""

    def __init__(
        self,
        *,
        store: Store,
        links: Links,
        linking: Linking,
        lanes: Lanes,
        make_inbox: MakeInbox,
        clock: Clock,
        platforms: Mapping[str, Platform],
        workspaces: Workspaces,
        desk: Desk,
        counters: Counters,
    ) -> None:
        self._store = store
        self._links = links
        self._linking = linking
        self._lanes = lanes
        self._make_inbox = make_inbox
        self._clock = clock
        self._platforms = platforms
        self._workspaces = workspaces
        self._desk = desk
        self._counters = counters
        self._paces = {
            name: Pace(platform.budgets, remember=partial(self._remember, name)) for name, platform in platforms.items()
        }
        self._states = {name: BridgeState(name, "starting", clock()) for name in platforms}
        self._bridges: dict[str, Bridge] = {}
        self._changed = {name: asyncio.Event() for name in platforms}

    def health(self) -> list[BridgeState]:
        """Return how every bridge is."""
        return list(self._states.values())

    def bridge(self, platform: str, workspace: str) -> Bridge | None:
        """Return the running bridge to a workspace."""
        bridge = self._bridges.get(platform)
        return bridge if bridge is not None and bridge.workspace == workspace else None

    def reload(self) -> None:
        """Have every bridge look at once which links are asked for."""
        for flag in self._changed.values():
            flag.set()

    async def run(self) -> None:
        """Run all bridges until cancelled; one that stops for good leaves the others alone."""
        await self._recall()
        async with asyncio.TaskGroup() as group:
            for platform in self._platforms.values():
                group.create_task(self._keep(platform), name=f"bridge {platform.name}")

    async def _recall(self) -> None:
        """Heed what platforms said, and count what was posted, before this start, here or by another hub."""
        await self._recall_closed()
        now, posts = self._clock(), defaultdict[str, list[float]](list)
        async with self._store.read() as unit:
            found = await unit.queues.posted(now - int(REMEMBERED_SECONDS * SECOND))
        for one in found:
            posts[one.link_id] += [max(0.0, (now - (one.at or now)) / SECOND)] * one.posts
        for link in self._links.all():
            if link.id in posts and link.platform in self._paces:
                self._paces[link.platform].recall(link.remote_channel, posts[link.id])

    async def _recall_closed(self) -> None:
        now = self._clock()
        await self._store.write(lambda unit: unit.relay.forget_closed(now))
        async with self._store.read() as unit:
            for name, pace in self._paces.items():
                for it in await unit.relay.closed(name):  # a clock that was set back makes nothing longer
                    pace.closed(it.scope, min(it.until - now, it.until - it.since) / SECOND)

    async def _remember(self, platform: str, scope: str, seconds: float) -> None:
        now = self._clock()
        closed = Closed(platform, scope, now, now + int(seconds * SECOND))
        await self._store.write(lambda unit: unit.relay.close(closed))

    async def _keep(self, platform: Platform) -> None:
        """Run one bridge again and again, until what is wrong needs a human."""
        failures, pace = 0, self._paces[platform.name]
        while True:
            await self._patiently(platform, pace)
            started = self._clock()
            causes = await apart(self._run_until_broken(platform))
            reason = "; ".join(str(cause) or type(cause).__name__ for cause in causes)
            if any(isinstance(cause, AuthFailed | ConfigError) for cause in causes):
                await self._note(platform, "stopped", reason)
                _log.error("the %s bridge stopped and needs attention: %s", platform.name, reason)
                return
            for cause in causes:
                await self._heed(platform, cause)
            failures = 1 if self._clock() - started > _STABLE else failures + 1
            await self._note(platform, "waiting", reason)
            self._counters.add(platform.name, Count.RESTARTS)
            _log.warning("the %s bridge will be started again: %s", platform.name, reason)
            waits = [cause.retry_after for cause in causes if isinstance(cause, NotReady) and cause.retry_after]
            await asyncio.sleep(max(waits, default=backoff(failures)))

    async def _patiently(self, platform: Platform, pace: Pace) -> None:
        if pace.closed_for(CONNECTING) > 0:
            await self._note(platform, "waiting", "the platform asked for patience")
            await pace.opened(CONNECTING)

    async def _run_until_broken(self, platform: Platform) -> list[BaseException]:
        """Run a fresh bridge and return what broke it."""
        try:
            await self._run_once(platform)
        except ExceptionGroup as group:
            causes = _leaves(group)
        except Exception as error:  # noqa: BLE001 - whatever breaks one bridge leaves the others alone
            causes = [error]
        else:
            causes = [NotReady("it ended by itself")]
        finally:
            self._bridges.pop(platform.name, None)
        for cause in causes:
            if not isinstance(cause, BridgeError):
                _log.error("the %s bridge broke", platform.name, exc_info=cause)
        return causes

    async def _run_once(self, platform: Platform) -> None:
        await self._note(platform, "starting", None)
        bridge = platform.create()
        try:
            await bridge.connect()
            await self._serve(platform, bridge)
        finally:
            await bridge.close()

    async def _serve(self, platform: Platform, bridge: Bridge) -> None:
        await self._linking.settle(bridge)
        identities = await self._workspaces.of(bridge.platform, bridge.workspace)
        inbox = self._make_inbox(bridge, identities, self._paces[platform.name])
        self._bridges[platform.name] = bridge
        connection = Connection(bridge, identities, self._paces[platform.name], inbox.wake)
        linked = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ensure(platform, bridge, inbox, linked), name=f"{platform.name} linking")
            await sleep_until(linked, _HEAD_START_SECONDS)
            await self._note_running(platform, self._states[platform.name].detail)
            group.create_task(_listen(bridge, inbox, self._desk), name=f"{platform.name} listener")
            group.create_task(_watch(bridge, inbox, platform.silence_seconds), name=f"{platform.name} watchdog")
            group.create_task(self._work(connection, inbox), name=f"{platform.name} links")

    async def _ensure(self, platform: Platform, bridge: Bridge, inbox: Inbox, linked: asyncio.Event) -> None:
        """Make the links that are asked for, which can take minutes, and tell what is the matter with any."""
        changed, failures, due = self._changed[platform.name], 0, 0.0
        problems: list[str] = []
        known: object = None
        while True:
            asked, found = changed.is_set(), await self._linking.signature()
            changed.clear()
            if time.monotonic() >= due or (not failures and (asked or found != known)):
                known, wait = found, _ENSURE_SECONDS
                try:
                    problems, failures = await self._linking.ensure(bridge), 0
                except NotReady as error:
                    problems, failures = [f"links cannot be looked after now: {error}"], failures + 1
                    await self._heed(platform, error)
                    wait = error.retry_after or backoff(failures)
                due = time.monotonic() + wait
                linked.set()
            await self._note_running(platform, "; ".join([*problems, *inbox.troubles.values()]) or None)
            await sleep_until(changed, _NEWS_SECONDS)

    async def _heed(self, platform: Platform, error: BaseException) -> None:
        """Remember when a platform does not want to be asked before."""
        if isinstance(error, SlowDown) and error.retry_after:
            await self._paces[platform.name].close(EVERYTHING if error.everywhere else CONNECTING, error.retry_after)

    async def _work(self, connection: Connection, inbox: Inbox) -> None:
        """Keep two workers per link, in and out; a link that is removed loses its workers, a new one gets them."""
        bridge = connection.bridge
        workers: dict[str, list[asyncio.Task[None]]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                wanted = {it.id for it in self._links.all(bridge.platform) if it.workspace == bridge.workspace}
                for link_id in workers.keys() - wanted:
                    for task in workers.pop(link_id):
                        task.cancel()
                for link_id in wanted - workers.keys():
                    workers[link_id] = [
                        group.create_task(inbox.work(link_id), name=f"in {link_id}"),
                        group.create_task(self._lanes.work(link_id, connection), name=f"out {link_id}"),
                    ]
                await asyncio.sleep(_LOOK_FOR_LINKS_SECONDS)

    async def _note_running(self, platform: Platform, detail: str | None) -> None:
        known = self._states[platform.name]
        if (known.state, known.detail) != ("running", detail):
            await self._note(platform, "running", detail)

    async def _note(self, platform: Platform, state: str, detail: str | None) -> None:
        bridge = self._bridges.get(platform.name)
        workspace = bridge.workspace if bridge is not None else None
        noted = BridgeState(platform.name, state, self._clock(), workspace, detail)
        self._states[platform.name] = noted

        async def work(unit: Unit) -> None:
            await unit.relay.save_state(noted)

        await self._store.write(work)


async def _listen(bridge: Bridge, inbox: Inbox, desk: Desk) -> None:
    await bridge.run(inbox, desk)
    raise NotReady("it stopped listening")


async def _watch(bridge: Bridge, inbox: Inbox, silence_seconds: float) -> None:
    """Probe the connection after each silence.

    Raises:
        NotReady: it is dead.
    """
    probed_at = 0.0
    while True:
        quiet = time.monotonic() - max(inbox.seen_at, probed_at)
        if quiet < silence_seconds:
            await asyncio.sleep(silence_seconds - quiet)
            continue
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await bridge.probe()
        except TimeoutError as error:
            raise NotReady("the connection went silent") from error
        probed_at = time.monotonic()


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [leaf for it in group.exceptions for leaf in (_leaves(it) if isinstance(it, BaseExceptionGroup) else [it])]
