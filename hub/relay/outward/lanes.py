"""Lanes: one per link, strictly in order, one call in flight; what one waits for delays no other."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from airchat.protocol.errors import HubError
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady, OutcomeUnknown, Refused
from hub.relay.counters import Count, Counters
from hub.relay.identities import Identities
from hub.relay.links import Links
from hub.relay.outward.bodies import Bodies
from hub.relay.outward.channel import ChannelNews
from hub.relay.outward.doubts import Doubts
from hub.relay.outward.messages import Messages
from hub.relay.outward.notices import Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.reactions import Reactions
from hub.relay.outward.references import HOLD_SECONDS, Avatars, Held, References
from hub.relay.outward.unfinished import Unfinished, is_overdue
from hub.relay.pace import Pace
from hub.relay.waits import backoff, sleep_until
from store.ports.queues import Outgoing, OutgoingKind, OutgoingState
from store.ports.relay import Link
from store.ports.store import Store

_IDLE_SECONDS = 5.0
_LOOK_AHEAD = 50
_PATIENCE = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """A running bridge, and what belongs to its platform; `known` is told of a link with a new counterpart."""

    bridge: Bridge
    identities: Identities
    pace: Pace
    known: Callable[[str], None]


@dataclass(slots=True)
class _Failures:
    """How often the first of a lane has failed, without an end; how often so that no waiting mends it."""

    count: int = 0
    mistakes: int = 0


class Lanes:
    """Wakes the workers of lanes; whoever runs a bridge runs `work` for each of its links."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        links: Links,
        clock: Clock,
        bodies: Bodies,
        avatars: Avatars,
        desk: Desk,
        counters: Counters,
    ) -> None:
        self.references = references = References(store, directory, clock, avatars)
        notices = Notices()
        self._store = store
        self._links = links
        self._clock = clock
        self._counters = counters
        self._unfinished = Unfinished(store, clock)
        self._messages = Messages(store, references, bodies, desk, notices, unfinished=self._unfinished)
        self._reactions = Reactions(store, references, notices, clock)
        self._news = ChannelNews(store, directory, references, notices)
        self._doubts = Doubts(store)
        self._woken: dict[str, asyncio.Event] = {}
        self._bridges: dict[str, Bridge] = {}

    def wake(self, link_id: str) -> None:
        """Say that a lane may have something to send."""
        self._flag(link_id).set()

    def bridge_of(self, link_id: str) -> Bridge | None:
        """Return the bridge that serves a link now."""
        return self._bridges.get(link_id)

    async def work(self, link_id: str, connection: Connection) -> None:
        """Send what is due in one lane, for ever.

        Raises:
            BridgeError: AuthFailed or ConfigError.
        """
        self._bridges[link_id] = connection.bridge
        await self._unfinished.recall(link_id)
        try:
            await self._work(link_id, connection)
        finally:
            if self._bridges.get(link_id) is connection.bridge:
                del self._bridges[link_id]

    async def _work(self, link_id: str, connection: Connection) -> None:
        woken, failures = self._flag(link_id), _Failures()
        while True:
            woken.clear()
            due, link = await self._due(link_id)
            if link is None:
                await sleep_until(woken, _IDLE_SECONDS)
                continue
            outlet = self._outlet(link, connection)
            if (overdue := self._unfinished.overdue(link_id)) is not None:
                due = [overdue]
            else:
                await self._look_again(outlet, due)
            if not due:
                await sleep_until(woken, min(_IDLE_SECONDS, self._doubts.wait(link_id)))
                continue
            try:
                await self._advance(outlet, due)
                failures = _Failures()
            except Held as error:
                await sleep_until(woken, error.retry_after or HOLD_SECONDS)
            except (AuthFailed, ConfigError):
                raise
            except Exception as error:  # noqa: BLE001 - a mistake about one event must not stop the lane for ever
                if await self._puts_aside(outlet, due[0], error, failures):
                    failures = _Failures()

    async def _due(self, link_id: str) -> tuple[list[Outgoing], Link | None]:
        """Return the first of the lane, and its link; None for one that is shut."""
        link = self._links.get(link_id)
        if link is None or not self._links.open(link):
            return [], None
        async with self._store.read() as unit:
            return await unit.queues.due(link_id, _LOOK_AHEAD), link

    async def _look_again(self, outlet: Outlet, due: list[Outgoing]) -> None:
        """Take away what came twice; not while it is unclear whether something is there at all."""
        if any(one.state is OutgoingState.SENDING for one in due):
            return
        try:
            twin = await self._doubts.twin(outlet.link.id, outlet.bridge)
            if twin is not None and await outlet.change(twin):
                self._counters.add(outlet.link.platform, Count.TWINS)
                _log.warning("%s came twice over link %s, and is there once now", twin.target.remote_id, outlet.link.id)
        except Exception as error:  # noqa: BLE001 - it is looked for once more, and the lane goes on
            broken = not isinstance(error, BridgeError)
            _log.info("link %s cannot be looked through for what came twice", outlet.link.id, exc_info=broken)

    async def _advance(self, outlet: Outlet, due: list[Outgoing]) -> None:
        """Bring the first of the lane to its end, or raise why it has to wait."""
        first = due[0]
        try:
            match first.kind:
                case OutgoingKind.MESSAGE | OutgoingKind.CHANGE:
                    await self._messages.advance(outlet, first)
                case OutgoingKind.REACTION:
                    await self._reactions.advance(outlet, due)
                case OutgoingKind.TOPIC:
                    await self._news.topic(outlet, first)
                case OutgoingKind.MEMBER:
                    await self._news.member(outlet, first)
        except Refused as error:
            await self._refuse(outlet, first, error)

    async def _refuse(self, outlet: Outlet, first: Outgoing, error: Refused) -> None:
        if is_overdue(first):  # it would be refused again and again, and is in no queue
            self._unfinished.forget(outlet.link.id, first.subject_id)
        await outlet.refuse(first, error)

    async def _puts_aside(self, outlet: Outlet, first: Outgoing, error: Exception, failures: _Failures) -> bool:
        """Wait as long as the platform asks for; True once it has failed often for no such reason, and is put aside."""
        link, after = outlet.link, None
        failures.count += 1
        if isinstance(error, NotReady):
            after = error.retry_after
            if after is not None:
                self._counters.add(link.platform, Count.SLOWED)
        passing = isinstance(error, NotReady | OutcomeUnknown) or (isinstance(error, HubError) and error.retryable)
        if passing:
            _log.info("%s %d over link %s has to wait: %s", first.kind, first.seq, link.id, error)
        else:
            _log.error("%s %d over link %s failed", first.kind, first.seq, link.id, exc_info=error)
            failures.mistakes += 1
            if failures.mistakes >= _PATIENCE:
                await self._refuse(outlet, first, Refused(f"{type(error).__name__}: {error}"))
                return True
        await asyncio.sleep(after if after is not None else backoff(failures.count))
        return False

    def _outlet(self, link: Link, connection: Connection) -> Outlet:
        return Outlet(
            store=self._store,
            clock=self._clock,
            link=link,
            bridge=connection.bridge,
            identities=connection.identities,
            pace=connection.pace,
            known=connection.known,
            counters=self._counters,
            doubts=self._doubts,
        )

    def _flag(self, link_id: str) -> asyncio.Event:
        return self._woken.setdefault(link_id, asyncio.Event())
