"""Listening sockets: who connects is introduced by its proxy, let in by the gate, secured by TLS, given a session."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bridges.irc.transport import handshake, kernel, proxy
from bridges.irc.transport.connection import DEFAULT_LIMITS, Limits, MakeSession, Peer, Ticket
from bridges.irc.transport.departures import Departures
from bridges.irc.transport.gate import Gate
from bridges.irc.transport.stream import StreamConnection
from bridges.irc.transport.tls import Tls

_BACKLOG = 512
_AT_ONCE = 64
"""Connections accepted in one round of the loop."""
_GREETING_SECONDS = 10.0
"""How long a client may take for its PROXY header, and again for TLS."""
_REST = 1.0
"""Seconds without accepting when the process is out of file descriptors."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_NOT_HERE = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
"""Of a host's several addresses one may be of a family that this machine does not have."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen. Port 0 takes any free one. `proxies` must, and alone may, begin with a PROXY header."""

    host: str
    port: int
    tls: Tls | None = None
    proxies: Sequence[proxy.Network] = ()


class Listener:
    """The sockets of one endpoint. `port` is the one that was taken."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        endpoint: Endpoint,
        make_session: MakeSession,
        *,
        gate: Gate,
        limits: Limits,
        departures: Departures,
        refusal: Callable[[str], bytes],
    ) -> None:
        self.port: int = sockets[0].getsockname()[1]
        self._sockets = sockets
        self._endpoint = endpoint
        self._make_session = make_session
        self._gate = gate
        self._limits = limits
        self._departures = departures
        self._refusal = refusal
        self._loop = asyncio.get_running_loop()
        self._arriving: set[asyncio.Task[None]] = set()
        self._closed = False
        for sock in sockets:
            self._loop.add_reader(sock.fileno(), self._accept, sock)

    async def close(self) -> None:
        """Stop accepting, and drop those who are still arriving; connections live on."""
        if self._closed:
            return
        self._closed = True
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())
            sock.close()
        for task in self._arriving:
            task.cancel()
        await asyncio.gather(*self._arriving, return_exceptions=True)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._rest(listening, error)
                return
            task = self._loop.create_task(self._arrive(sock, address[0], address[1]))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    def _rest(self, listening: socket.socket, error: OSError) -> None:
        """Leave new clients waiting for a moment when there is nothing left to accept them with."""
        _log.error("port %s accepts no connections for %s s: %s", self.port, _REST, error.strerror)
        if error.errno in _EXHAUSTED:
            self._loop.remove_reader(listening.fileno())
            self._loop.call_later(_REST, self._resume, listening)

    def _resume(self, listening: socket.socket) -> None:
        if not self._closed:
            self._loop.add_reader(listening.fileno(), self._accept, listening)

    async def _arrive(self, sock: socket.socket, address: str, port: int) -> None:
        """See a new client through to its session. Whatever it does wrong, nobody else notices."""
        try:
            kernel.prepare(sock)
            async with asyncio.timeout(_GREETING_SECONDS):
                peer = await self._introduced(sock, Peer(address, port))
        except (OSError, proxy.ProxyError, TimeoutError) as error:
            _log.info("%s did not introduce its client: %s", address, error)
            sock.close()
            return
        except BaseException:
            sock.close()
            raise
        ticket = self._gate.admit(peer.address)
        if isinstance(ticket, str):
            self._refuse(sock, ticket)
            return
        try:
            await self._connect(sock, peer, ticket)
        except (OSError, TimeoutError) as error:
            _log.info("%s did not get as far as a session: %s", peer.address, error)
            ticket.release()
        except BaseException:
            ticket.release()
            raise

    async def _introduced(self, sock: socket.socket, peer: Peer) -> Peer:
        """Return the client itself where the peer is a proxy of ours."""
        if not proxy.is_trusted(peer.address, self._endpoint.proxies):
            return peer
        proxied = await proxy.read_header(sock)
        return Peer(proxied.address, proxied.port, proxied.secure) if proxied is not None else peer

    def _refuse(self, sock: socket.socket, reason: str) -> None:
        if self._endpoint.tls is None:
            with contextlib.suppress(OSError):  # it may be gone already
                sock.send(self._refusal(reason))
        sock.close()

    async def _connect(self, sock: socket.socket, peer: Peer, ticket: Ticket) -> None:
        make = partial(
            StreamConnection,
            sock,
            peer,
            self._make_session,
            ticket=ticket,
            limits=self._limits,
            departures=self._departures,
        )
        if self._endpoint.tls is None:
            connection = make()
            await self._loop.connect_accepted_socket(lambda: connection, sock)
            return
        raw, data = await handshake.open_raw(sock)
        try:
            connection = make(raw=raw)
            context = self._endpoint.tls.context
            connection.connection_made(await handshake.secure(raw, data, connection, context, _GREETING_SECONDS))
        except BaseException:
            raw.abort()
            raise


async def listen(
    endpoint: Endpoint,
    make_session: MakeSession,
    *,
    gate: Gate,
    departures: Departures,
    limits: Limits = DEFAULT_LIMITS,
    refusal: Callable[[str], bytes] = lambda _: b"",
) -> Listener:
    """Listen on every address of the endpoint's host.

    `refusal` renders, as a whole line, why a client in the clear is not let in; others are just closed.

    Raises:
        OSError: the host has no address or the port is taken; the text names both.
    """
    loop = asyncio.get_running_loop()
    host = None if endpoint.host in {"", "*"} else endpoint.host
    found = await loop.getaddrinfo(host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    port = endpoint.port
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sock = _bound(family, (address[0], port, *address[2:]))
        except OSError as error:
            if error.errno in _NOT_HERE and (sockets or len(found) > 1):
                continue
            for sock in sockets:
                sock.close()
            raise OSError(error.errno, f"cannot listen on {endpoint.host}:{port}: {error.strerror}") from error
        sockets.append(sock)
        port = port or sock.getsockname()[1]
    if not sockets:
        raise OSError(errno.EADDRNOTAVAIL, f"cannot listen on {endpoint.host}:{port}: no such address here")
    return Listener(sockets, endpoint, make_session, gate=gate, limits=limits, departures=departures, refusal=refusal)


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)  # noqa: FBT003 - the library's way
        sock.bind(address)
        sock.listen(_BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock
