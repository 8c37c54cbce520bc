"""The start of TLS on a connection that is open already, so that the transport below stays within reach."""

import asyncio
import socket
import ssl
from typing import cast


class _Held(asyncio.Protocol):
    """Keeps what arrives before TLS takes over. asyncio's transport can be paused from the start, uvloop's cannot."""

    def __init__(self) -> None:
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).pause_reading()

    def data_received(self, data: bytes) -> None:
        self.data += data


async def open_raw(sock: socket.socket) -> tuple[asyncio.Transport, bytes]:
    """Return a transport on an accepted socket that reads nothing, and what it had read before."""
    raw, held = await asyncio.get_running_loop().connect_accepted_socket(_Held, sock)
    raw.pause_reading()
    return raw, held.data


async def secure(
    raw: asyncio.Transport, data: bytes, protocol: asyncio.Protocol, context: ssl.SSLContext, seconds: float
) -> asyncio.Transport:
    """Take the server's part of a handshake, which began with `data`; `protocol` gets what is decrypted.

    Raises:
        OSError: the handshake failed, or took longer than `seconds`.
    """
    loop = asyncio.get_running_loop()
    if raw.is_closing():
        raise ConnectionResetError("the client left before the handshake")
    starting = loop.create_task(loop.start_tls(raw, protocol, context, server_side=True, ssl_handshake_timeout=seconds))
    try:
        if data:
            await asyncio.sleep(0)  # TLS is the transport's protocol now, and will read from the next round on
            loop.call_soon(_feed, raw, data)
        secured = await starting
    finally:
        starting.cancel()
    if secured is None:
        raise ConnectionResetError("the client left during the handshake")
    return secured


def _feed(raw: asyncio.Transport, data: bytes) -> None:
    """Let TLS read what came before it."""
    tls = cast("asyncio.BufferedProtocol", raw.get_protocol())
    while data:
        buffer = cast("memoryview", tls.get_buffer(len(data)))
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        tls.buffer_updated(size)
        data = data[size:]
