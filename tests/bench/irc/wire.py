"""Clients of the IRC load generator. They do as little as they can, so that it is the server that is measured."""

import asyncio
from collections.abc import Callable
from typing import cast

from tests.bench.irc.plan import Server

_TIMEOUT = 60.0


class Client(asyncio.Protocol):
    """One connection. Once it `counts`, whole lines go to `arrived(client, lines, count)`; PING is answered."""

    def __init__(self) -> None:
        self.arrived: Callable[[Client, bytes, int], None] | None = None
        self.connected = False
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._token = 0
        self._waiting: asyncio.Future[None] | None = None
        self._awaited = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.connected = True

    def connection_lost(self, _: Exception | None) -> None:
        self.connected = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server ended the connection"))

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        if not data.endswith(b"\n"):
            data, _, self._rest = data.rpartition(b"\n")
            data += b"\n" if data else b""
        pings = 0
        if b"PING " in data:
            pings = self._pong(data)
        if self._waiting is not None:
            if self._awaited in data and not self._waiting.done():
                self._waiting.set_result(None)
        elif self.arrived is not None:
            self.arrived(self, data, data.count(b"\n") - pings)

    def _pong(self, data: bytes) -> int:
        tokens = [line.partition(b"PING ")[2] for line in data.splitlines() if line.startswith(b"PING ")]
        for token in tokens:
            self.send(b"PONG %b\r\n" % token)
        return len(tokens)

    def send(self, data: bytes) -> None:
        """Send lines."""
        if self._transport is not None:
            self._transport.write(data)

    async def ask(self, data: bytes, awaited: bytes) -> None:
        """Send lines and wait for an answer with these bytes in it."""
        self._awaited = awaited
        self._waiting = asyncio.get_running_loop().create_future()
        self.send(data)
        try:
            await asyncio.wait_for(self._waiting, _TIMEOUT)
        finally:
            self._waiting = None

    async def sync(self) -> None:
        """Wait until everything is over that was sent before."""
        self._token += 1
        await self.ask(b"PING :sync%d\r\n" % self._token, b"sync%d\r\n" % self._token)

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.close()


async def connect(server: Server, number: int, channels: str) -> Client:
    """Return a client that is registered and in the channels."""
    client = Client()
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", server.port)
    name = server.names[number]
    secret = f"PASS {server.tokens[number]}\r\n" if server.tokens else ""
    await client.ask(f"{secret}NICK {name}\r\nUSER {name} 0 * :{name}\r\n".encode(), b" 001 ")
    client.send(f"JOIN {channels}\r\n".encode())
    await client.sync()
    return client
