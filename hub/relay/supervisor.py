"""Supervisor: keeps one bridge per platform running, with a fresh bridge after every failure that may pass."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airchat.protocol.errors import HubError
from airchat.protocol.timestamps import SECOND
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.core.system import SYSTEM, system_principal
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady, Refused
from hub.relay.contract.platform import Platform
from hub.relay.identities import Identities
from hub.relay.inbox import Inbox
from hub.relay.lanes import Lanes
from hub.relay.links import Links
from hub.relay.waits import backoff
from hub.relay.workspaces import Workspaces
from store.ports.store import Store

_LOOK_FOR_LINKS_SECONDS = 1.0
_STABLE = 60 * SECOND

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConfiguredLink:
    """A link that the settings ask for: `remote` is a channel as people call it, or its id."""

    channel: str
    platform: str
    remote: str
    direction: str = "both"


@dataclass(frozen=True, slots=True)
class BridgeHealth:
    """How a bridge is: `running`, `starting`, `waiting` (it will try again) or `stopped` (a human has to act)."""

    platform: str
    state: str
    since: int
    detail: str | None = None


class Supervisor:
    """Runs the bridges of this process."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        channels: Channels,
        messages: Messages,
        links: Links,
        lanes: Lanes,
        clock: Clock,
        platforms: Mapping[str, Platform],
        configured: Sequence[ConfiguredLink] = (),
        workspaces: Workspaces,
        desk: Desk,
    ) -> None:
        self._store = store
        self._directory = directory
        self._channels = channels
        self._messages = messages
        self._links = links
        self._lanes = lanes
        self._clock = clock
        self._platforms = platforms
        self._configured = configured
        self._workspaces = workspaces
        self._desk = desk
        self._health = {name: BridgeHealth(name, "starting", clock()) for name in platforms}

    def health(self) -> list[BridgeHealth]:
        """Return how every bridge is."""
        return list(self._health.values())

    async def run(self) -> None:
        """Run all bridges until cancelled; one that stops for good leaves the others alone."""
        async with asyncio.TaskGroup() as group:
            for platform in self._platforms.values():
                group.create_task(self._keep(platform), name=f"bridge {platform.name}")

    async def _keep(self, platform: Platform) -> None:
        """Run one bridge again and again, until what is wrong needs a human."""
        failures = 0
        while True:
            started = self._clock()
            causes = await self._run_until_broken(platform)
            reason = "; ".join(str(cause) or type(cause).__name__ for cause in causes)
            if any(isinstance(cause, AuthFailed | ConfigError) for cause in causes):
                self._note(platform, "stopped", reason)
                _log.error("the %s bridge stopped and needs attention: %s", platform.name, reason)
                return
            failures = 1 if self._clock() - started > _STABLE else failures + 1
            self._note(platform, "waiting", reason)
            _log.warning("the %s bridge will be started again: %s", platform.name, reason)
            waits = [cause.retry_after for cause in causes if isinstance(cause, NotReady) and cause.retry_after]
            await asyncio.sleep(max(waits, default=backoff(failures)))

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
        for cause in causes:
            if not isinstance(cause, BridgeError):
                _log.error("the %s bridge broke", platform.name, exc_info=cause)
        return causes

    async def _run_once(self, platform: Platform) -> None:
        self._note(platform, "starting", None)
        bridge = platform.create()
        await bridge.connect()
        problems = await self._ensure_links(bridge)
        identities = await self._workspaces.of(bridge.platform, bridge.workspace)
        inbox = Inbox(
            store=self._store,
            directory=self._directory,
            messages=self._messages,
            links=self._links,
            clock=self._clock,
            bridge=bridge,
            identities=identities,
        )
        self._note(platform, "running", "; ".join(problems) or None)
        async with asyncio.TaskGroup() as group:
            group.create_task(_listen(bridge, inbox, self._desk), name=f"{platform.name} listener")
            group.create_task(self._work(bridge, inbox, identities), name=f"{platform.name} links")

    async def _ensure_links(self, bridge: Bridge) -> list[str]:
        """Make the links that the settings ask for; return why some cannot be made."""
        problems = []
        for wanted in self._configured:
            if wanted.platform != bridge.platform:
                continue
            try:
                await self._ensure_link(bridge, wanted)
            except (ConfigError, Refused, HubError) as error:
                problems.append(f"{wanted.channel} cannot be linked to {wanted.remote}: {error}")
                _log.error("%s: %s", bridge.platform, problems[-1])
        return problems

    async def _ensure_link(self, bridge: Bridge, wanted: ConfiguredLink) -> None:
        remote = await bridge.resolve(wanted.remote)
        if remote.private:
            raise ConfigError(f"{wanted.remote} is private, and private channels are never linked")
        remote_channel = remote.id
        system = await system_principal(self._store, self._clock, SYSTEM)
        channel = await self._channels.open(system, wanted.channel)
        known = self._links.of_remote(bridge.platform, bridge.workspace, remote_channel)
        if known is None or (known.channel_id, known.direction) != (channel.id, wanted.direction):
            await self._links.add(channel.name, bridge.platform, bridge.workspace, remote_channel, wanted.direction)

    async def _work(self, bridge: Bridge, inbox: Inbox, identities: Identities) -> None:
        """Keep two workers per link, in and out; a link that is removed loses its workers, a new one gets them."""
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
                        group.create_task(self._lanes.work(link_id, bridge, identities), name=f"out {link_id}"),
                    ]
                await asyncio.sleep(_LOOK_FOR_LINKS_SECONDS)

    def _note(self, platform: Platform, state: str, detail: str | None) -> None:
        self._health[platform.name] = BridgeHealth(platform.name, state, self._clock(), detail)


async def _listen(bridge: Bridge, inbox: Inbox, desk: Desk) -> None:
    await bridge.run(inbox, desk)
    raise NotReady("it stopped listening")


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [leaf for it in group.exceptions for leaf in (_leaves(it) if isinstance(it, BaseExceptionGroup) else [it])]
