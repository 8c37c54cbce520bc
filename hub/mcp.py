"""MCP in the composition: mounted in the API's server, where it is a client of the hub like any other.

It is loaded when an agent first asks for it, and for no stranger: what it imports takes a second, and as much memory as
the rest of the hub.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from airchat.async_transport import AiohttpTransport, AsyncTransport
from airchat.protocol.errors import Unauthenticated
from hub.api.asgi import Application, Mounted
from hub.api.endpoint import Bucket
from hub.api.inside import InsideConnector
from hub.api.limits import RateWindows
from hub.core.credentials import Credentials

PATH, METADATA = PATHS = ("/mcp", "/.well-known/oauth-protected-resource/mcp")
_BEARER = "bearer "

Verify = Callable[[str], Awaitable[str | None]]
Load = Callable[[str, AsyncTransport, Verify], AbstractAsyncContextManager[Application]]


class Mcp:
    """The MCP server of this hub; `load` imports and makes what serves it, and is called in a thread.

    `hosts` are names by which clients reach the hub; numbers and `localhost` are always good. Any other name may be one
    that a stranger's page has pointed here. `rate` is how many requests a principal may make a minute; 0 is no limit.
    """

    def __init__(self, credentials: Credentials, load: Load, hosts: frozenset[str], rate: int = 0) -> None:
        self._credentials = credentials
        self._windows = RateWindows({Bucket.MCP: rate})
        self._load = load
        self._hosts = hosts
        self._mounted = Mounted(self._application)
        self._server: web.Server | None = None
        self._url = ""

    def add_to(self, application: web.Application) -> None:
        """Have a server answer for it."""
        application.router.add_route("*", PATH, self._handle)
        application.router.add_get(METADATA, self._describe)
        application.on_shutdown.append(lambda _: self._mounted.close())

    def serve(self, server: web.Server, url: str) -> None:
        """Tell which server the hub is asked by, and at which URL it is reached from outside."""
        self._server, self._url = server, url

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal
        authorization = request.headers.get("Authorization", "")
        bearer = authorization[: len(_BEARER)].lower() == _BEARER
        name = await self._name_of(authorization[len(_BEARER) :].strip()) if bearer else None
        if name is None:
            where = f'Bearer error="invalid_token", resource_metadata="{self._url}{METADATA}"'
            answer = {"error": "A key or token of this hub is needed, as bearer.", "code": Unauthenticated.code}
            return web.json_response(answer, status=401, headers={"WWW-Authenticate": where})
        self._windows.hit(Bucket.MCP, name)
        return await self._mounted.handle(request)

    async def _describe(self, request: web.Request) -> web.StreamResponse:
        """Say what is protected, as RFC 9728 has it. Keys and tokens are given out by this hub, by hand."""
        described = {
            "resource": f"{self._url}{PATH}",
            "authorization_servers": [self._url],
            "bearer_methods_supported": ["header"],
        }
        return self._refusal(request) or web.json_response(described)

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Return the answer to who may not ask, whoever they are."""
        if not self._is_own(request.host):
            return web.Response(status=421, text="This hub is not called so. Its name is set as hub.public_url.\n")
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_own(urlsplit(origin).netloc):
            return web.Response(status=403, text="Pages of other sites may not ask.\n")
        return None

    def _is_own(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        return name == "localhost" or name in self._hosts or _is_address(name)

    @asynccontextmanager
    async def _application(self) -> AsyncIterator[Application]:
        transport = AiohttpTransport(self._url, connector=InsideConnector(lambda: self._server))
        try:
            async with await asyncio.to_thread(self._load, self._url, transport, self._name_of) as application:
                yield application
        finally:
            await transport.close()

    async def _name_of(self, key: str) -> str | None:
        try:
            return (await self._credentials.authenticate(key)).principal.name
        except Unauthenticated:
            return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
