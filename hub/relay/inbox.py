"""Inbox: events of a platform, stored before they are acknowledged, become messages in the platform's order."""

import asyncio
import json
from collections.abc import Mapping

import structlog

from airchat.protocol.errors import HubError
from airchat.protocol.messages import Origin
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.relay.contract import Bridge, InboundMessage, LinkedChannel, RawEvent
from hub.relay.identities import Identities
from hub.relay.links import Links
from store.ports.relay import Link, Pair, Received
from store.ports.store import Store
from store.ports.unit import Unit

_BATCH = 50
_RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Inbox:
    """The intake of one running bridge. Per link one worker processes events, once its history is complete."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        messages: Messages,
        links: Links,
        clock: Clock,
        bridge: Bridge,
        identities: Identities,
    ) -> None:
        self._store = store
        self._directory = directory
        self._messages = messages
        self._links = links
        self._clock = clock
        self._bridge = bridge
        self._identities = identities
        self._caught_up: dict[str, asyncio.Event] = {}
        self._arrived: dict[str, asyncio.Event] = {}

    async def accept(self, event: RawEvent) -> None:
        """Store the event durably, once; events of channels that are not linked (inwards) are dropped."""
        link = self._links.of_remote(self._bridge.platform, self._bridge.workspace, event.remote_channel)
        if link is None or link.direction == "out":
            return
        payload, now = json.dumps(event.payload, separators=(",", ":")), self._clock()

        async def work(unit: Unit) -> None:
            await unit.relay.receive(link.id, event.key, event.order_key, payload, now)

        await self._store.write(work)
        self._flag(self._arrived, link.id).set()

    async def linked(self) -> list[LinkedChannel]:
        """Return the workspace's linked channels with their watermarks."""
        async with self._store.read() as unit:
            links = await unit.relay.links()
        return [
            LinkedChannel(link.remote_channel, link.watermark, link.created_at) for link in links if self._ours(link)
        ]

    async def caught_up(self, remote_channel: str) -> None:
        """Let the channel's worker begin."""
        link = self._links.of_remote(self._bridge.platform, self._bridge.workspace, remote_channel)
        if link is not None:
            self._flag(self._caught_up, link.id).set()

    async def work(self, link_id: str) -> None:
        """Process one link's events for ever."""
        await self._flag(self._caught_up, link_id).wait()
        arrived = self._flag(self._arrived, link_id)
        while True:
            arrived.clear()
            link = self._links.get(link_id)
            waiting = [] if link is None or link.paused else await self._waiting(link_id)
            for received in waiting:
                await self._process_until_done(received)
            if not waiting:
                await self._sleep(arrived)

    async def _waiting(self, link_id: str) -> list[Received]:
        async with self._store.read() as unit:
            return await unit.relay.waiting(link_id, _BATCH)

    async def _sleep(self, arrived: asyncio.Event) -> None:
        """Wait for the next event; look again now and then, for a link that was paused."""
        try:
            await asyncio.wait_for(arrived.wait(), _RETRY_SECONDS)
        except TimeoutError:
            return

    async def _process_until_done(self, received: Received) -> None:
        """Process one event; what may pass later is tried again, what can never work is put aside with its reason."""
        while True:
            try:
                await self._process(received)
            except HubError as error:
                if not error.retryable:
                    await self._put_aside(received, str(error))
                    return
                await self._count_failure(received)
                await asyncio.sleep(_RETRY_SECONDS)
            except (KeyError, TypeError, ValueError) as error:
                log.warning(
                    "an event could not be read", platform=self._bridge.platform, key=received.key, exc_info=True
                )
                await self._put_aside(received, f"{type(error).__name__}: {error}")
                return
            else:
                return

    async def _process(self, received: Received) -> None:
        message = await self._bridge.decode(json.loads(received.payload), self._identities)
        link = self._links.get(received.link_id)
        if message is None or link is None:
            await self._put_aside(received, None)
            return
        await self._post(received, link, message)

    async def _post(self, received: Received, link: Link, message: InboundMessage) -> None:
        """Post the message under a key of its own, so that doing it again after a crash changes nothing."""
        channel = self._directory.channel(link.channel_id)
        if channel is None:
            await self._put_aside(received, "the hub channel is gone")
            return
        author = await self._identities.principal_of(message.author)
        posted = await self._messages.post(
            author,
            channel.name,
            message.text,
            parent_id=await self._parent(link, message.thread_id),
            metadata=inbound_metadata(link),
            idempotency_key=f"{link.platform}:{link.workspace}:{link.remote_channel}:{message.remote_id}",
            origin=Origin(link.platform, verified=True),
            author_display=message.author.name,
        )
        now = self._clock()
        pair = Pair(link.id, posted.message.id, 0, message.remote_id, inbound=True, created_at=now)

        async def work(unit: Unit) -> None:
            await unit.relay.add_pair(pair)
            await unit.relay.processed(received, now)

        await self._store.write(work)

    async def _parent(self, link: Link, thread_id: str | None) -> str | None:
        if thread_id is None:
            return None
        async with self._store.read() as unit:
            pair = await unit.relay.pair_of_remote(link.id, thread_id)
        return None if pair is None else pair.message_id

    async def _put_aside(self, received: Received, error: str | None) -> None:
        now = self._clock()

        async def work(unit: Unit) -> None:
            await unit.relay.processed(received, now, error)

        await self._store.write(work)

    async def _count_failure(self, received: Received) -> None:
        async def work(unit: Unit) -> None:
            await unit.relay.retry_later(received)

        await self._store.write(work)

    def _ours(self, link: Link) -> bool:
        return (link.platform, link.workspace) == (
            self._bridge.platform,
            self._bridge.workspace,
        ) and link.direction != "out"

    @staticmethod
    def _flag(flags: dict[str, asyncio.Event], link_id: str) -> asyncio.Event:
        return flags.setdefault(link_id, asyncio.Event())


def inbound_metadata(link: Link) -> dict[str, str]:
    """Return what marks a message as come in over a link: by it the message is never sent back there."""
    return {"source": link.platform, "relay_link": link.id}


def came_over(row: Mapping[str, object], link: Link) -> bool:
    """Tell whether a message's row says that it came in over this link."""
    metadata = row.get("metadata")
    return isinstance(metadata, dict) and metadata.get("relay_link") == link.id
