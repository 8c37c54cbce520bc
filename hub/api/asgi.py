"""An ASGI application behind a path of the server: requests go in and answers come out piece by piece.

The application is made when it is first asked for, as it may be slow to import, and lives until the server stops.
What it says of HTTP is believed; only how a body is framed is the server's own business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from aiohttp import web

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
Build = Callable[[], AbstractAsyncContextManager[Application]]

FAREWELL_SECONDS = 1.0
"""How long requests may take to finish by themselves when the server stops, and once more when told to."""
LOOK_SECONDS = 1.0
"""How often an application that only waits is told whether its client is still there."""
_FRAMING = {b"transfer-encoding", b"connection", b"keep-alive"}


class Mounted:
    """An application that `build` makes at the first request; `handle` is the server's handler for its paths."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._life: asyncio.Task[None] | None = None
        self._made: asyncio.Future[Application] | None = None
        self._closing = asyncio.Event()
        self._exchanges: dict[asyncio.Task[Any], _Exchange] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer as the application does."""
        task = asyncio.current_task()
        if self._closing.is_set() or task is None:
            return web.Response(status=503, headers={"Retry-After": "1"})
        exchange = _Exchange(request)
        self._exchanges[task] = exchange
        try:
            await (await self._application())(exchange.scope(), exchange.receive, exchange.send)
        finally:
            del self._exchanges[task]
        return await exchange.finished()

    async def close(self) -> None:
        """Let what is under way finish, end what does not come to an end by itself, and then the application."""
        self._closing.set()
        await _settled(self._exchanges)
        for exchange in self._exchanges.values():
            exchange.leave()
        await _settled(self._exchanges)
        if self._life is not None:
            await asyncio.wait([self._life])

    async def _application(self) -> Application:
        # Made in a task of its own: what it opens must be closed where it was opened, and outlives this request.
        if self._made is None or (self._made.done() and self._made.exception()):
            self._made = asyncio.get_running_loop().create_future()
            self._life = asyncio.create_task(self._live(self._made), name="mounted application")
        return await asyncio.shield(self._made)

    async def _live(self, made: asyncio.Future[Application]) -> None:
        try:
            async with self._build() as application:
                made.set_result(application)
                await self._closing.wait()
        except Exception as error:
            if made.done():
                raise
            made.set_exception(error)


class _Exchange:
    """One request and its answer."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._response: web.StreamResponse | None = None
        self._read = False
        self._over = asyncio.Event()

    def scope(self) -> Message:
        """Return what the application is told of the request."""
        request = self._request
        target = request.rel_url.raw_path
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": f"{request.version.major}.{request.version.minor}",
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": target.encode(),
            "query_string": request.rel_url.raw_query_string.encode(),
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
            "client": (request.remote, 0) if request.remote else None,
            "server": None,
            "state": {},
        }

    async def receive(self) -> Message:
        """Return the next piece of the request, and after the last one that the client is gone, once it is."""
        if not self._read:
            chunk = await self._request.content.readany()
            self._read = self._request.content.at_eof()
            return {"type": "http.request", "body": chunk, "more_body": not self._read}
        while not self._gone():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), LOOK_SECONDS)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the next piece of the answer; what comes after its client has left is dropped."""
        try:
            if message["type"] == "http.response.start":
                await self._begin(message)
            elif self._response is not None and not self._gone():
                if (body := message.get("body")) and self._request.method != "HEAD":
                    await self._response.write(body)
                if not message.get("more_body"):
                    await self._response.write_eof()
                    self._over.set()
        except ConnectionResetError:
            self._over.set()

    def leave(self) -> None:
        """Tell the application that its client is gone."""
        self._over.set()

    async def finished(self) -> web.StreamResponse:
        """Return the answer, complete."""
        self._over.set()
        if self._response is None:
            return web.Response(status=500)
        with suppress(ConnectionResetError):
            await self._response.write_eof()
        return self._response

    async def _begin(self, message: Message) -> None:
        response = web.StreamResponse(status=message["status"])
        for name, value in message.get("headers", ()):
            if name.lower() not in _FRAMING:
                response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
        self._response = response
        await response.prepare(self._request)

    def _gone(self) -> bool:
        transport = self._request.transport
        return self._over.is_set() or transport is None or transport.is_closing()


async def _settled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Wait for tasks to end, not for long."""
    under_way = list(tasks)
    if under_way:
        await asyncio.wait(under_way, timeout=FAREWELL_SECONDS)
