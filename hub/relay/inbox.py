"""Inbox: events of a platform, stored before they are acknowledged, become messages in the platform's order."""

import asyncio
import json
import logging
from collections.abc import Mapping

from airchat.protocol.errors import HubError
from airchat.protocol.limits import MESSAGE_LENGTH, length
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Principal
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Bridge, LinkedChannel, RawEvent
from hub.relay.contract.errors import NotReady, OutcomeUnknown, Refused
from hub.relay.identities import Identities
from hub.relay.links import Links
from hub.relay.splitting import split
from hub.relay.waits import backoff, sleep_until
from store.ports.relay import Link, Pair, PartState, Received
from store.ports.store import Store
from store.ports.unit import Unit

PAYLOAD_LENGTH = 1_000_000
"""How many characters of JSON an event may have to be kept for reading."""

_BATCH = 50
_IDLE_SECONDS = 5.0
_SETTLE_SECONDS = 0.1
_HOLD_SECONDS = 0.1

_log = logging.getLogger(__name__)


class Inbox:
    """The intake of one running bridge. Per link one worker reads history up, then processes what is stored."""

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
        self._listened = 0
        self._read_up: dict[str, int] = {}
        self._woken: dict[str, asyncio.Event] = {}

    async def accept(self, event: RawEvent) -> None:
        """Store the event durably, once; events of channels that are not linked (inwards) are dropped."""
        link = self._links.of_remote(self._bridge.platform, self._bridge.workspace, event.remote_channel)
        if link is None or link.direction == "out":
            return
        payload, now = json.dumps(event.payload, separators=(",", ":")), self._clock()
        too_long = len(payload) > PAYLOAD_LENGTH

        async def work(unit: Unit) -> None:
            fresh = await unit.relay.receive(link.id, event.key, event.order_key, "" if too_long else payload, now)
            if fresh and too_long:
                received = Received(link.id, event.key, event.order_key, "")
                await unit.relay.processed(received, now, f"longer than {PAYLOAD_LENGTH} characters")

        await self._store.write(work)
        if too_long:
            _log.warning("event %s of %s is too long to be kept", event.key, link.platform)
        self._flag(link.id).set()

    def listening(self) -> None:
        """Have every channel read up before anything more of it is processed."""
        self._listened += 1
        for flag in self._woken.values():
            flag.set()

    def seen(self) -> None:
        """Take note of a sign of life."""

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        """Remember how far the reading came."""

    async def work(self, link_id: str) -> None:
        """Serve one link for ever.

        Raises:
            BridgeError: AuthFailed or ConfigError.
        """
        woken, failures = self._flag(link_id), 0
        while True:
            woken.clear()
            try:
                busy = await self._advance(link_id)
                failures = 0
            except (NotReady, OutcomeUnknown, Refused) as error:
                failures += 1
                _log.warning("linked channel %s has to wait: %s", link_id, error)
                after = error.retry_after if isinstance(error, NotReady) else None
                await asyncio.sleep(after if after is not None else backoff(failures))
            except HubError as error:
                if not error.retryable:
                    raise
                failures += 1
                await asyncio.sleep(backoff(failures))
            else:
                if not busy:
                    await sleep_until(woken, _IDLE_SECONDS)

    async def _advance(self, link_id: str) -> bool:
        """Read the channel up, or process what waits; False when there is nothing to do."""
        link = self._links.get(link_id)
        if link is None or link.paused or link.direction == "out" or not self._listened:
            return False
        if self._behind(link_id):
            await self._catch_up(link)
            return True
        waiting = await self._settled(link_id)
        for received in waiting:
            if self._behind(link_id):
                break
            await self._process(received)
        return bool(waiting)

    def _behind(self, link_id: str) -> bool:
        return self._read_up.get(link_id) != self._listened

    async def _catch_up(self, link: Link) -> None:
        """Have the bridge read the channel's history; an interruption meanwhile makes it read again."""
        listened = self._listened
        async with self._store.read() as unit:
            watermark = next((it.watermark for it in await unit.relay.links() if it.id == link.id), None)
        await self._bridge.read_up(LinkedChannel(link.remote_channel, watermark, link.created_at), self)
        self._read_up[link.id] = listened

    async def _settled(self, link_id: str) -> list[Received]:
        """Return events to process, in order.

        Each waited for a moment, in which one from before it could still come in over another connection.
        """
        first = await self._waiting(link_id)
        if not first or len(first) == _BATCH:
            return first
        await asyncio.sleep(_SETTLE_SECONDS)
        last = (first[-1].order_key, first[-1].key)
        return [it for it in await self._waiting(link_id) if (it.order_key, it.key) <= last]

    async def _waiting(self, link_id: str) -> list[Received]:
        async with self._store.read() as unit:
            return await unit.relay.waiting(link_id, _BATCH)

    async def _process(self, received: Received) -> None:
        """Process one event; what may pass later is raised, what can never work is put aside with its reason."""
        try:
            message = await self._bridge.decode(json.loads(received.payload), self._identities)
            link = self._links.get(received.link_id)
            if not isinstance(message, inbound.Message) or link is None:
                await self._finish(received)
            else:
                await self._post(received, link, message)
        except HubError as error:
            if error.retryable:
                await self._store.write(lambda unit: unit.relay.retry_later(received))
                raise
            await self._put_aside(received, str(error))
        except (KeyError, TypeError, ValueError) as error:
            await self._put_aside(received, f"{type(error).__name__}: {error}")

    async def _post(self, received: Received, link: Link, message: inbound.Message) -> None:
        """Post the message under a key of its own, so that doing it again after a crash changes nothing.

        What the hub does not take in one piece follows as answers to the first.
        """
        channel = self._directory.channel(link.channel_id)
        if channel is None:
            await self._put_aside(received, "the hub channel is gone")
            return
        author = await self._identities.principal_of(message.author)
        parent_id = await self._parent(link, message.thread_id)
        first_id = await self._write(author, channel.name, link, message, parent_id=parent_id)
        now = self._clock()
        pair = Pair(link.id, first_id, 0, message.remote_id, inbound=True, created_at=now)
        await self._finish(received, pair)

    async def _write(
        self,
        author: Principal,
        channel_name: str,
        link: Link,
        message: inbound.Message,
        *,
        parent_id: str | None,
    ) -> str:
        """Post all pieces and return the id of the first."""
        key = f"{link.platform}:{link.workspace}:{link.remote_channel}:{message.remote_id}"
        ids: list[str] = []
        for number, piece in enumerate(_pieces(message.text)):
            posted = await self._messages.post(
                author,
                channel_name,
                piece,
                parent_id=parent_id or (ids[0] if ids else None),
                metadata=inbound_metadata(link),
                idempotency_key=f"{key}:{number}" if number else key,
                origin=Origin(link.platform, verified=True),
                author_display=message.author.name,
            )
            ids.append(posted.message.id)
        return ids[0]

    async def _parent(self, link: Link, thread_id: str | None) -> str | None:
        """Return the message whose thread this is, None when it is not known here.

        A root that the hub itself is posting has no counterpart yet: it is waited for until its outcome is known.
        """
        if thread_id is None:
            return None
        held: tuple[int, int] | None = None
        while True:
            async with self._store.read() as unit:
                pair = await unit.relay.pair_of_remote(link.id, thread_id)
                part = await unit.relay.next_part(link.id)
            if pair is not None:
                return pair.message_id
            sending = (part.seq, part.number) if part and part.state is PartState.SENDING else None
            if sending is None or held not in (None, sending):
                return None
            held = sending
            await asyncio.sleep(_HOLD_SECONDS)

    async def _put_aside(self, received: Received, error: str) -> None:
        _log.warning("event %s of %s was put aside: %s", received.key, self._bridge.platform, error)
        await self._finish(received, error=error)

    async def _finish(self, received: Received, pair: Pair | None = None, error: str | None = None) -> None:
        now = self._clock()

        async def work(unit: Unit) -> None:
            if pair is not None:
                await unit.relay.add_pair(pair)
            await unit.relay.processed(received, now, error)

        await self._store.write(work)

    def _flag(self, link_id: str) -> asyncio.Event:
        return self._woken.setdefault(link_id, asyncio.Event())


def inbound_metadata(link: Link) -> dict[str, str]:
    """Return what marks a message as come in over a link: by it the message is never sent back there."""
    return {"source": link.platform, "relay_link": link.id}


def came_over(row: Mapping[str, object], link: Link) -> bool:
    """Tell whether a message's row says that it came in over this link."""
    metadata = row.get("metadata")
    return isinstance(metadata, dict) and metadata.get("relay_link") == link.id


def _pieces(text: str) -> list[str]:
    """Cut a text that is too long for one message of the hub, whose limit counts UTF-16 units."""
    return [text] if length(text.strip()) <= MESSAGE_LENGTH else split(text, MESSAGE_LENGTH // 2)
