"""Inbox: events of a platform, stored before they are acknowledged, are processed in the platform's order."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from airchat.protocol.errors import HubError
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.text import storable
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Bridge, LinkedChannel, RawEvent
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady, SlowDown
from hub.relay.counters import Count, Counters
from hub.relay.identities import Identities
from hub.relay.inward.arrivals import Arrivals, is_final
from hub.relay.inward.gate import Gate
from hub.relay.inward.looks import Looks
from hub.relay.inward.readings import Readings, place
from hub.relay.inward.sweep import Sweep
from hub.relay.links import Links
from hub.relay.pace import EVERYTHING, Pace
from hub.relay.waits import backoff, sleep_until
from store.ports.queues import Received
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

PAYLOAD_LENGTH = 1_000_000
"""How many characters of JSON an event may have to be kept for reading."""

_BATCH = 50
_IDLE_SECONDS = 5.0
_SETTLE_SECONDS = 0.1
_PATIENCE = 5
_ABOUT_MESSAGES = inbound.Message | inbound.Edit | inbound.Delete | inbound.React | inbound.ClearReactions

_log = logging.getLogger(__name__)


class Inbox:
    """The intake of one running bridge. Per link one worker reads history up, then processes what is stored.

    `seen_at` is when the bridge last showed life, by a clock that never goes back; `troubles` is by link why it waits.
    """

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        links: Links,
        clock: Clock,
        bridge: Bridge,
        identities: Identities,
        arrivals: Arrivals,
        counters: Counters,
        pace: Pace,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._directory = directory
        self._links = links
        self._clock = clock
        self._bridge = bridge
        self._identities = identities
        self._arrivals = arrivals
        self._looks = Looks(Sweep(store, clock, arrivals, counters), self.wake)
        self._counters = counters
        self._pace = pace
        self._ticks = ticks
        self._readings = Readings(store, bridge, counters, pace)
        self._woken: dict[str, asyncio.Event] = {}
        self.troubles: dict[str, str] = {}
        self.seen_at = ticks()

    async def accept(self, event: RawEvent) -> None:
        """Store the event durably, once; events of channels that are not linked (inwards) are dropped."""
        self.seen()
        link = self._link(event.remote_channel)
        if link is not None:
            self._readings.press(link.id)
            await self.store(link, event)

    async def store(self, link: Link, event: RawEvent) -> None:
        """Store an event of a link durably, once."""
        payload, now = json.dumps(event.payload, separators=(",", ":")), self._clock()
        too_long = len(payload) > PAYLOAD_LENGTH
        received = Received(link.id, event.key, event.order_key, "" if too_long else payload, received_at=now)

        async def work(unit: Unit) -> bool:
            fresh = await unit.queues.receive(received)
            if fresh and too_long:
                await unit.queues.processed(received, now, f"longer than {PAYLOAD_LENGTH} characters")
            return fresh

        fresh = await self._store.write(work)
        self._counters.add(link.platform, Count.RECEIVED if fresh else Count.REPEATED)
        if too_long:
            _log.warning("event %s of %s is too long to be kept", event.key, link.platform)
        self.wake(link.id)

    def _link(self, remote_channel: str) -> Link | None:
        """Return over which link what happens in a remote channel comes in."""
        link = self._links.of_remote(self._bridge.platform, self._bridge.workspace, remote_channel)
        return None if link is None or link.direction == "out" else link

    def listening(self) -> None:
        """Have every channel read up before anything more of it is processed."""
        self.seen()
        self._readings.listened += 1
        for flag in self._woken.values():
            flag.set()

    def wake(self, link_id: str) -> None:
        """Say that there may be something to do for a link."""
        self._flag(link_id).set()

    def seen(self) -> None:
        """Take note of a sign of life."""
        self.seen_at = self._ticks()

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        """Remember how far the reading of a channel's history came."""
        link = self._link(channel.remote_channel)
        if link is not None:
            await self._readings.save(link.id, cursor)

    async def close(self, what: str, seconds: float) -> None:
        """Remember that the platform answers no such question for so long."""
        await self._pace.close(f"ask {what}", seconds)

    def closed_for(self, what: str) -> float:
        """Return for how many seconds more it answers none."""
        return self._pace.closed_for(f"ask {what}")

    async def work(self, link_id: str) -> None:
        """Serve one link for ever.

        Raises:
            BridgeError: AuthFailed or ConfigError.
        """
        try:
            await self._work(link_id)
        finally:
            await self._looks.end(link_id)

    async def _work(self, link_id: str) -> None:
        woken, failures = self._flag(link_id), 0
        while True:
            woken.clear()
            try:
                busy = await self._advance(link_id)
                failures = 0
                self.troubles.pop(link_id, None)
            except (AuthFailed, ConfigError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever ails it now is tried again
                failures += 1
                self.troubles[link_id] = str(error) or type(error).__name__
                _log.warning("linked channel %s has to wait: %s", link_id, error, exc_info=not _expected(error))
                after = error.retry_after if isinstance(error, NotReady) else None
                if isinstance(error, SlowDown) and after is not None:
                    await self._pace.close(EVERYTHING if error.everywhere else link_id, after)
                await asyncio.sleep(after if after is not None else backoff(failures))
            else:
                if not busy:
                    await sleep_until(woken, _IDLE_SECONDS)

    async def _advance(self, link_id: str) -> bool:
        """Read the channel up, or process what waits; False when there is nothing to do."""
        gate = self._gate(link_id)
        if gate is None or not self._readings.listened:
            return False
        if self._readings.behind(link_id):
            await self._readings.catch_up(gate.link, _History(self, gate.link))
            return True
        waiting = await self._settled(link_id)
        for received in waiting:
            if self._readings.behind(link_id):
                return True
            await self._process(received)
        if not waiting:
            await self._arrivals.expire(gate)
        return await self._look_through(gate, waiting) or bool(waiting)

    async def _look_through(self, gate: Gate, processed: list[Received]) -> bool:
        """Sweep, once everything is processed that was there when the channel had been read up: what is known then."""
        link_id = gate.link.id
        if gate.channel.archived:
            await self._looks.forget(link_id)  # once it is brought back, it is looked at
            return False
        if processed and place(processed[-1]) < self._readings.until(link_id):
            return False
        return await self._looks.advance(gate, self._readings.read_up(link_id))

    def _gate(self, link_id: str) -> Gate | None:
        """Return the link's way in, None when it is shut."""
        link = self._links.get(link_id)
        channel = None if link is None else self._directory.channel(link.channel_id)
        if link is None or channel is None or link.direction == "out" or not self._links.open(link):
            return None
        return Gate(link, channel, self._bridge, self._identities)

    def _archived(self, gate: Gate) -> bool:
        """Tell whether the link's channel is archived by now."""
        channel = self._directory.channel(gate.channel.id)
        return channel is not None and channel.archived

    async def _settled(self, link_id: str) -> list[Received]:
        """Return events to process, in order.

        Each waited for a moment, in which one from before it could still come in over another connection.
        """
        first = await self._waiting(link_id)
        if not first or len(first) == _BATCH:
            return first
        await asyncio.sleep(_SETTLE_SECONDS)
        last = place(first[-1])
        return [it for it in await self._waiting(link_id) if place(it) <= last]

    async def _waiting(self, link_id: str) -> list[Received]:
        async with self._store.read() as unit:
            return await unit.queues.waiting(link_id, _BATCH)

    async def _process(self, received: Received) -> None:
        """Process one event; what may pass later is raised, what can never work is put aside with its reason."""
        gate = self._gate(received.link_id)
        if gate is None:
            raise NotReady("the link was shut")
        try:
            event = await self._bridge.decode(storable(json.loads(received.payload)), self._identities)
            await self._arrivals.take(gate, received, event)
            if isinstance(event, _ABOUT_MESSAGES):
                self._looks.touch(gate.link.id, event.remote_id)
        except Exception as error:
            if not is_final(error) and (_expected(error) or received.attempts < _PATIENCE):
                await self._store.write(lambda unit: unit.queues.retry_later(received))
                raise
            if self._archived(gate):
                await self._arrivals.finish(received)
                return
            reason = str(error) if _expected(error) else f"{type(error).__name__}: {error}"
            _log.warning("event %s of %s was put aside: %s", received.key, gate.link.platform, reason)
            self._counters.add(gate.link.platform, Count.UNUSABLE)
            await self._arrivals.finish(received, error=reason)

    def _flag(self, link_id: str) -> asyncio.Event:
        return self._woken.setdefault(link_id, asyncio.Event())


@dataclass(frozen=True, slots=True)
class _History:
    """The intake of a channel's history, whose events are in no hurry."""

    inbox: Inbox
    link: Link

    async def accept(self, event: RawEvent) -> None:
        if event.remote_channel == self.link.remote_channel:
            self.seen()
            await self.inbox.store(self.link, event)

    def listening(self) -> None:
        self.inbox.listening()

    def seen(self) -> None:
        self.inbox.seen()

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        await self.inbox.save_cursor(channel, cursor)

    async def close(self, what: str, seconds: float) -> None:
        await self.inbox.close(what, seconds)

    def closed_for(self, what: str) -> float:
        return self.inbox.closed_for(what)


def _expected(error: Exception) -> bool:
    return isinstance(error, HubError | BridgeError)
