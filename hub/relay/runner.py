"""Runner: the relay as a whole. Of several hubs on one store, one at a time runs it."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from airchat.protocol.timestamps import DAY, MINUTE
from hub.core.approvals import Approvals
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.files import Files
from hub.core.guards import Guards
from hub.core.messages import Messages
from hub.core.reactions import Reactions
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.desk import Desk
from hub.relay.contract.platform import Platform
from hub.relay.counters import Counters
from hub.relay.desk import NoDesk
from hub.relay.identities import Identities
from hub.relay.inward.arrivals import Arrivals
from hub.relay.inward.attachments import Attachments
from hub.relay.inward.channel import Happenings
from hub.relay.inward.inbox import Inbox
from hub.relay.inward.messages import Writings
from hub.relay.inward.orders import Orders
from hub.relay.inward.reactions import Reacting
from hub.relay.linking import ConfiguredLink, Linking
from hub.relay.links import Links
from hub.relay.mutes import Mutes
from hub.relay.outward.bodies import Address, Bodies
from hub.relay.outward.lanes import Lanes
from hub.relay.outward.planner import Planner
from hub.relay.outward.working import Workings
from hub.relay.pace import Pace
from hub.relay.supervisor import Supervisor
from hub.relay.waits import apart, backoff
from hub.relay.workspaces import Workspaces
from store.errors import LeadLost
from store.ports.relay import BridgeState
from store.ports.store import Store
from store.ports.unit import Unit

LEAD = "relay"
KEEP = 30 * DAY
"""How long it is remembered what was received and sent; which message is which is remembered for ever."""

_STABLE = MINUTE
_PRUNE_SECONDS = 3600.0
_PRUNE_BATCH = 1_000

_log = logging.getLogger(__name__)


class Relay:
    """Carries what happens between the hub and the platforms.

    `files` and `address` are there where files are shared, and have addresses; `desk` makes what answers people's
    commands; without it there are none.
    """

    def __init__(
        self,
        *,
        store: Store,
        bus: EventBus,
        directory: Directory,
        messages: Messages,
        reactions: Reactions,
        channels: Channels,
        clock: Clock,
        platforms: Iterable[Platform],
        files: Files | None = None,
        address: Address | None = None,
        approvals: Approvals | None = None,
        guards: Guards | None = None,
        configured: Sequence[ConfiguredLink] = (),
        desk: Callable[["Relay"], Desk] | None = None,
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self.counters = Counters()
        self.links = Links(store, directory, clock)
        self.workspaces = Workspaces(store, directory, self.links, clock)
        self.mutes = Mutes(store, bus, directory, clock)
        self.desk: Desk = desk(self) if desk else NoDesk()
        self.linking = Linking(store, directory, channels, self.links, clock=clock, configured=configured)
        self._arrivals = Arrivals(
            store=store,
            clock=clock,
            writings=Writings(store, directory, messages, clock, Attachments(files)),
            reacting=Reacting(store, reactions),
            happenings=Happenings(store, channels, messages, self.links, clock),
            orders=Orders(store, clock, messages, approvals, guards),
            counters=self.counters,
        )
        lanes = Lanes(
            store=store,
            directory=directory,
            links=self.links,
            clock=clock,
            bodies=Bodies(store, files, address),
            avatars=self.workspaces.avatar_of,
            desk=self.desk,
            counters=self.counters,
        )
        self._planner = Planner(store, bus, self.links, lanes, self.mutes)
        self._workings = Workings(
            store, bus, directory, links=self.links, lanes=lanes, references=lanes.references, clock=clock
        )
        self._supervisor = Supervisor(
            store=store,
            links=self.links,
            linking=self.linking,
            lanes=lanes,
            make_inbox=self._make_inbox,
            clock=clock,
            platforms={platform.name: platform for platform in platforms},
            workspaces=self.workspaces,
            desk=self.desk,
            counters=self.counters,
        )

    def health(self) -> list[BridgeState]:
        """Return how every bridge is."""
        return self._supervisor.health()

    def reload(self, configured: Sequence[ConfiguredLink]) -> None:
        """Take over the links that the settings ask for now."""
        self.linking.configure(configured)
        self._supervisor.reload()

    async def run(self) -> None:
        """Relay until cancelled, whenever no other hub on the same store does; know the links all the while."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.links.follow(), name="relay links")
            group.create_task(self._take_turns(), name="relay")

    async def _take_turns(self) -> None:
        """Relay whenever no other hub does; begin anew after whatever breaks it."""
        failures = 0
        while True:
            started = self._clock()
            try:
                async with self._store.lead(LEAD):
                    await apart(self._relay())
            except LeadLost as error:
                _log.warning("another hub may run the bridges now: %s", error)
            except Exception:  # noqa: BLE001 - the hub goes on, and so does the relay after a while
                _log.exception("the relay broke; it begins anew")
            failures = 1 if self._clock() - started > _STABLE else failures + 1
            await asyncio.sleep(backoff(failures))

    async def _relay(self) -> None:
        await self.links.load()
        await self.mutes.load(self.links.all())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._planner.run(), name="relay planner")
            group.create_task(self._supervisor.run(), name="relay bridges")
            group.create_task(self._workings.run(), name="relay workings")
            group.create_task(self._forget(), name="relay retention")

    async def _forget(self) -> None:
        """Forget, for ever, what is done and old, a batch at a time."""
        while True:
            before = self._clock() - KEEP

            async def work(unit: Unit, before: int = before) -> int:
                return await unit.queues.prune(before, _PRUNE_BATCH)

            more = await self._store.write(work) >= _PRUNE_BATCH
            await asyncio.sleep(0 if more else _PRUNE_SECONDS)

    def _make_inbox(self, bridge: Bridge, identities: Identities, pace: Pace) -> Inbox:
        return Inbox(
            store=self._store,
            directory=self._directory,
            links=self.links,
            clock=self._clock,
            bridge=bridge,
            identities=identities,
            arrivals=self._arrivals,
            counters=self.counters,
            pace=pace,
        )
