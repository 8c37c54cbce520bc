"""The log as server-sent events: each subscriber is a cursor over the bus, so that it can resume without gap or repeat.

An event is encoded once, whoever gets it. Nothing is queued for a subscriber: it reads on when its connection took what
it was given, and one that takes nothing for too long is cut; it resumes from its cursor.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from airchat.protocol.errors import RateLimited, Unauthenticated
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from airchat.protocol.trust import trust_of
from hub.core.credentials import Credentials, whose_access
from hub.core.directory import Directory
from hub.core.events import QUOTING, EventBus
from hub.core.seats import Seats

if TYPE_CHECKING:
    from aiohttp import web  # slow import

_BATCH = 200
_CHUNK = 64 * 1024
_CACHED_BYTES = 8 * 1024 * 1024
_PAUSE = 0.004
"""Seconds for which a stream that is up to date lets events gather after it has sent some."""
_LAGGING = b"event: lagging\ndata: {}\n\n"


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """In seconds: between signs of life, until a consumer that takes nothing is cut, and for its last words."""

    heartbeat: float = 15.0
    stall: float = 30.0
    farewell: float = 5.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who follows the log, with which secret, and what of it it wants. `after` is the last event it knows.

    With a `session`, no other session of the principal's that names itself may follow it meanwhile.
    """

    principal: Principal
    secret: str
    after: int
    kinds: frozenset[EventKind] | None = None
    channel_id: str | None = None
    direct_only: bool = False
    session: str | None = None


class Encoder:
    """Turns events into frames of the stream, and keeps the newest of them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._frames: OrderedDict[int, tuple[Event, bytes]] = OrderedDict()
        self._size = 0

    def frame(self, event: Event) -> bytes:
        """Return the event's frame: `id`, `event` and one line of `data`."""
        kept = self._frames.get(event.seq)
        if kept is not None and kept[0] is event:  # not one whose text was erased since
            return kept[1]
        frame = self._encode(event)
        if kept is not None:
            self._size -= len(kept[1])
        self._frames[event.seq] = event, frame
        self._size += len(frame)
        while self._size > _CACHED_BYTES:
            self._size -= len(self._frames.popitem(last=False)[1][1])
        return frame

    def _encode(self, event: Event) -> bytes:
        actor = self._directory.principal(event.actor_id) if event.actor_id else None
        channel = self._directory.channel(event.channel_id) if event.channel_id else None
        head = {
            "seq": event.seq,
            "kind": event.kind.value,
            "at": to_iso(event.created_at),
            "actor": actor.name if actor else None,
            "actor_id": event.actor_id,
            "channel": shown_name(channel) if channel else None,
            "channel_id": event.channel_id,
            "subject_id": event.subject_id,
        }
        fields = orjson.dumps(head)[:-1].decode()
        return f'id: {event.seq}\nevent: {event.kind.value}\ndata: {fields},"data":{self._data(event)}}}\n\n'.encode()

    def _data(self, event: Event) -> str:
        """Return what the event carries; a message's row with how far its author can be trusted, as everywhere."""
        if event.kind not in QUOTING:
            return event.data or "{}"
        row = orjson.loads(event.data)
        author, origin = self._directory.principal(row["author_agent_id"]), row["origin"]
        trust = trust_of(author.kind if author else None, origin["platform"], verified=origin["verified"])
        return f'{{"trust":"{trust.value}",{event.data[1:]}'


@dataclass(slots=True)
class Streams:
    """Everybody who follows the log over HTTP."""

    bus: EventBus
    directory: Directory
    credentials: Credentials
    seats: Seats
    per_principal: int
    times: StreamTimes = StreamTimes()
    encoder: Encoder = field(init=False)
    _open: Counter[str] = field(init=False, default_factory=Counter)
    _tasks: set[asyncio.Task[object]] = field(init=False, default_factory=set)
    _closing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.encoder = Encoder(self.directory)

    async def serve(self, request: web.Request, subscription: Subscription) -> web.StreamResponse:
        """Send the log from after the subscription's position until the client leaves, lags or the hub stops.

        Raises:
            RateLimited: the principal has as many streams open as it may.
            Conflict: another session of the principal's works as it.
        """
        from aiohttp import web  # noqa: PLC0415 - slow import; the streams are made before the server

        owner = subscription.principal.id
        if self._open[owner] >= self.per_principal:
            raise RateLimited(f"At most {self.per_principal} streams may be open at a time.", 10)
        task = asyncio.current_task()
        if self._closing or task is None:
            return web.Response(status=503, headers={"Retry-After": "1"})
        self._open[owner] += 1
        self._tasks.add(task)
        try:
            async with AsyncExitStack() as stack:
                if subscription.session is not None:
                    await stack.enter_async_context(self.seats.taken(subscription.principal, subscription.session))
                return await self._follow(request, subscription)
        finally:
            self._tasks.discard(task)
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]

    async def close(self) -> None:
        """End every stream; each client can resume from the last id it saw."""
        self._closing = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self.times.farewell)
        await self.seats.close()

    async def _follow(self, request: web.Request, subscription: Subscription) -> web.StreamResponse:
        from aiohttp import web  # noqa: PLC0415 - slow import; the streams are made before the server

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        try:
            await self._send(response, subscription)
        except TimeoutError:
            self._cut(request)
        except (ConnectionResetError, Unauthenticated):
            pass  # the client left, or its key was revoked: the stream ends
        except asyncio.CancelledError:
            if not self._closing:
                raise
            _go_on()
        return response

    async def _send(self, response: web.StreamResponse, subscription: Subscription) -> None:
        position = subscription.after
        wanted = self._filter(subscription)
        await self._write(response, _hello(position, self.bus.head))
        loop = asyncio.get_running_loop()
        checked, owner = loop.time(), subscription.principal.id
        while True:
            events = await self.bus.read(position, _BATCH)
            if loop.time() - checked >= self.times.heartbeat or any(whose_access(event) == owner for event in events):
                await self.credentials.authenticate(subscription.secret)
                checked = loop.time()
            if events:
                await self._send_events(response, [event for event in events if wanted(event)])
                position = events[-1].seq
                # A busy hub writes once for many events; a long replay must not keep the others waiting.
                await asyncio.sleep(_PAUSE if position >= self.bus.head else 0)
            elif not await self._news(position):
                await self._write(response, b": heartbeat\nid: %d\n\n" % position)

    async def _send_events(self, response: web.StreamResponse, events: Sequence[Event]) -> None:
        chunk = bytearray()
        for event in events:
            chunk += self.encoder.frame(event)
            if len(chunk) >= _CHUNK:
                await self._write(response, bytes(chunk))
                chunk.clear()
        if chunk:
            await self._write(response, bytes(chunk))

    async def _write(self, response: web.StreamResponse, chunk: bytes) -> None:
        """Write and, when the connection holds enough, wait until it took it.

        Raises:
            TimeoutError: it did not in time.
        """
        async with asyncio.timeout(self.times.stall):
            await response.write(chunk)

    async def _news(self, position: int) -> bool:
        """Wait for events above the position; False when it is time for a sign of life instead."""
        try:
            async with asyncio.timeout(self.times.heartbeat):
                await self.bus.wait(position)
        except TimeoutError:
            return False
        return True

    def _filter(self, subscription: Subscription) -> Callable[[Event], bool]:
        may_see, viewer = self.directory.may_see_event, subscription.principal.id
        kinds, channel_id = subscription.kinds, subscription.channel_id

        def wanted(event: Event) -> bool:
            if kinds is not None and event.kind not in kinds:
                return False
            if channel_id is not None and event.channel_id != channel_id:
                return False
            if subscription.direct_only and not self._is_direct(event):
                return False
            return may_see(viewer, event)

        return wanted

    def _is_direct(self, event: Event) -> bool:
        channel = self.directory.channel(event.channel_id) if event.channel_id else None
        return channel is not None and channel.direct

    def _cut(self, request: web.Request) -> None:
        """Say why, and close; what the client has not taken by then is dropped."""
        transport = request.transport
        if transport is not None:
            frame = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_LAGGING), _LAGGING)
            transport.write(frame)
            transport.close()
            asyncio.get_running_loop().call_later(self.times.farewell, transport.abort)


def _hello(position: int, head: int) -> bytes:
    """Greet with the position, so that whoever is cut before the first event resumes from there."""
    data = orjson.dumps({"seq": position, "head": head})
    return b": connected\n\nid: %d\nevent: hello\ndata: %b\n\n" % (position, data)


def _go_on() -> None:
    """Take back the cancellation of the current task: it still has an answer to finish."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
