"""How an HTTP request becomes a WebSocket connection: on somebody else's HTTP server, or on a port of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from urllib.parse import urlsplit

from aiohttp import web

from bridges.irc.transport import certificates
from bridges.irc.transport.connection import DEFAULT_LIMITS, LINGER, Limits, MakeSession, Peer
from bridges.irc.transport.gate import Gate
from bridges.irc.transport.listener import Endpoint
from bridges.irc.transport.proxy import Network, is_address, is_trusted
from bridges.irc.transport.websocket import BINARY, TEXT, WebSocketConnection

_MESSAGE_LIMIT = 64 << 10
"""Bytes of a message beyond which the connection is closed (1009); a line that is merely too long is dropped."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def handler(
    make_session: MakeSession,
    *,
    gate: Gate,
    origins: Collection[str] = (),
    proxies: Sequence[Network] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Handler:
    """Return what answers a WebSocket request for as long as the connection lives.

    Pages may connect that come from the same host or from `origins` (`https://chat.example`); what is no browser
    names no origin. `proxies` are believed what they say of their client (`X-Forwarded-For`, `X-Forwarded-Proto`).
    """

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        if not _is_welcome(request, origins):
            raise web.HTTPForbidden(text="Pages from this origin may not connect")
        peer = _peer(request, proxies)
        ticket = gate.admit(peer.address)
        if isinstance(ticket, str):
            raise web.HTTPServiceUnavailable(text=ticket)
        try:
            response = web.WebSocketResponse(
                protocols=(TEXT, BINARY), compress=False, autoclose=False, max_msg_size=_MESSAGE_LIMIT, timeout=LINGER
            )
            await response.prepare(request)
            transport = request.transport
            if transport is None:
                return response
            await WebSocketConnection(response, transport, peer, ticket, limits).run(make_session)
        finally:
            ticket.release()
        return response

    return serve


def _is_welcome(request: web.BaseRequest, origins: Collection[str]) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin in origins or urlsplit(origin).netloc.lower() == request.host.lower()


def _peer(request: web.BaseRequest, proxies: Sequence[Network]) -> Peer:
    """Return the client: the last one that a chain of trusted proxies vouches for."""
    transport = request.transport
    address, port, *_ = transport.get_extra_info("peername") if transport is not None else ("0.0.0.0", 0)  # noqa: S104
    secure, certificate = request.secure, None
    if transport is not None:
        certificate = certificates.fingerprint(transport.get_extra_info("ssl_object"))
    if is_trusted(address, proxies):
        secure = request.headers.get("X-Forwarded-Proto", request.scheme) in {"https", "wss"}
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        for told in reversed([text.strip() for text in forwarded]):
            if not is_address(told):
                break
            address, port = told, 0
            if not is_trusted(told, proxies):
                break
    return Peer(address, port, secure, certificate)


class WebSocketListener:
    """Listening sockets for nothing but WebSockets, on every path. `port` is the one that was taken."""

    def __init__(self, server: web.Server, listening: asyncio.Server) -> None:
        self.port: int = listening.sockets[0].getsockname()[1]
        self._server = server
        self._listening = listening

    async def close(self) -> None:
        """Stop accepting, and drop requests that are no connection yet; connections live on."""
        self._listening.close()
        self._server.pre_shutdown()


async def listen(
    endpoint: Endpoint,
    make_session: MakeSession,
    *,
    gate: Gate,
    origins: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> WebSocketListener:
    """Listen for WebSockets on every address of the endpoint's host.

    Raises:
        OSError: the host has no address or the port is taken.
    """
    serve = handler(make_session, gate=gate, origins=origins, proxies=endpoint.proxies, limits=limits)
    server = web.Server(serve, access_log=None)
    context = endpoint.tls.context if endpoint.tls is not None else None
    loop = asyncio.get_running_loop()
    return WebSocketListener(server, await loop.create_server(server, endpoint.host, endpoint.port, ssl=context))
