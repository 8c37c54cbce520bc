"""The log as server-sent events: each subscriber is a cursor over the bus, so that it can resume without gap or repeat.

Nothing is queued for a subscriber: it reads on when its connection took what it was given, and one that takes nothing
for too long is cut; it resumes from its cursor.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from airchat.protocol.errors import RateLimited, Unauthenticated
from airchat.protocol.events import Event
from airchat.protocol.principals import Principal
from hub.api.frames import Frames, Selection
from hub.api.live import Follower, Live, Outlet
from hub.core.credentials import Credentials, whose_access
from hub.core.directory import CHANNEL_KINDS, Directory
from hub.core.events import EventBus
from hub.core.seats import Seats

if TYPE_CHECKING:
    from aiohttp import web  # slow import

_BATCH = 200
_CHUNK = 64 * 1024
_LAGGING = b"event: lagging\ndata: {}\n\n"


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """In seconds: between signs of life, until a consumer that takes nothing is cut, and for its last words."""

    heartbeat: float = 15.0
    stall: float = 30.0
    farewell: float = 5.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who follows the log, with which secret, and what of it they want. `after` is the last event they know.

    With a `session`, no other session of the principal's that names itself may follow it meanwhile.
    """

    principal: Principal
    secret: str
    after: int
    selection: Selection
    session: str | None = None


@dataclass(slots=True)
class Streams:
    """Everybody who follows the log over HTTP."""

    bus: EventBus
    directory: Directory
    credentials: Credentials
    seats: Seats
    per_principal: int
    times: StreamTimes = StreamTimes()
    frames: Frames = field(init=False)
    live: Live = field(init=False)
    _open: Counter[str] = field(init=False, default_factory=Counter)
    _tasks: set[asyncio.Task[object]] = field(init=False, default_factory=set)
    _closing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.frames = Frames(self.directory)
        self.live = Live(self.frames)
        self.bus.add_listener(self.frames.unshare, CHANNEL_KINDS)
        self.bus.add_listener(self.live.observe)

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._open.total()

    async def serve(self, request: web.Request, subscription: Subscription) -> web.StreamResponse:
        """Send the log from after the subscription's position until the client leaves, lags or the hub stops.

        Raises:
            RateLimited: the principal has as many streams open as it may.
            Conflict: another session of the principal's works as it.
        """
        from aiohttp import web  # noqa: PLC0415 - slow import; the streams are made before the server

        owner = subscription.principal.id
        if self._open[owner] >= self.per_principal:
            await self.live.dismiss_gone()
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
        from aiohttp import hdrs, web  # noqa: PLC0415 - slow import; the streams are made before the server

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        try:
            chunked = hdrs.TRANSFER_ENCODING in response.headers
            await self._send(Outlet(request, response, self.times.stall, chunked), subscription)
        except TimeoutError:
            self._cut(request)
        except (ConnectionResetError, Unauthenticated):
            pass  # the client left, or its key was revoked: the stream ends
        except asyncio.CancelledError:
            if not self._closing:
                raise
            _go_on()
        return response

    async def _send(self, outlet: Outlet, subscription: Subscription) -> None:
        await outlet.write(_hello(subscription.after, self.bus.head))
        loop = asyncio.get_running_loop()
        checked, owner = loop.time(), subscription.principal.id
        follower = Follower(outlet, owner, subscription.selection, subscription.after)
        while True:
            events = await self.bus.read(follower.position, _BATCH)
            if loop.time() - checked >= self.times.heartbeat or any(whose_access(event) == owner for event in events):
                await self.credentials.authenticate(subscription.secret)
                checked = loop.time()
            if events:
                await self._send_events(follower, events)
                follower.position = events[-1].seq
                await asyncio.sleep(0)  # a long replay must not keep the others waiting
            if follower.position < self.bus.head:
                continue
            await self.live.follow(follower, self.times.heartbeat)
            if outlet.gone:
                return
            if follower.quiet and follower.position >= self.bus.head:
                await outlet.write(b": heartbeat\nid: %d\n\n" % follower.position)

    async def _send_events(self, follower: Follower, events: Sequence[Event]) -> None:
        chunk = bytearray()
        for event in self.frames.wanted(follower.selection, follower.viewer_id, events):
            chunk += self.frames.of(event)
            if len(chunk) >= _CHUNK:
                await follower.outlet.write(bytes(chunk))
                chunk.clear()
        if chunk:
            await follower.outlet.write(bytes(chunk))

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
