"""Connection: lines from and to a server. What leaves holds no CR, LF or NUL but its own end."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Self

from bridges.irc.wire import lines
from bridges.irc.wire import tags as tag_text
from bridges.irc.wire.lines import BadLine, InvalidUtf8, Line
from bridges.irc_network.network import Network
from bridges.irc_network.pace import Pace
from hub.relay.contract.errors import ConfigError, NotReady

CONNECT_SECONDS = 30.0
_LINE_BYTES = 16_384
_BODY_BYTES = 8_192
_CLOSE_SECONDS = 2.0


class Connection:
    """An open connection. Lines that must not wait, such as PONG, are sent `at_once`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pace: Pace) -> None:
        self._reader = reader
        self._writer = writer
        self._pace = pace

    @classmethod
    async def open(cls, network: Network) -> Self:
        """Connect.

        Raises:
            NotReady: the server cannot be reached, or its certificate is not trusted.
            ConfigError: a certificate of ours cannot be read.
        """
        context = _tls(network) if network.tls else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(
                    network.host, network.port, ssl=context, limit=_LINE_BYTES
                )
        except TimeoutError as error:
            raise NotReady(f"{network.host}:{network.port} does not answer") from error
        except OSError as error:
            raise NotReady(f"{network.host}:{network.port} cannot be reached: {error}") from error
        return cls(reader, writer, Pace(network.per_second, network.burst))

    async def read(self) -> Line:
        """Return the next line; what is none is passed over.

        Raises:
            NotReady: the connection is closed.
        """
        while True:
            try:
                data = await self._reader.readuntil(b"\n")
            except (OSError, EOFError, asyncio.LimitOverrunError) as error:
                raise NotReady("the server closed the connection") from error
            line = _parsed(data)
            if line is not None:
                return line

    async def ready(self) -> None:
        """Wait until a line may leave."""
        await self._pace.wait()

    async def write(self, command: str, *params: str, tags: Mapping[str, str] | None = None) -> None:
        """Send a line for which `ready` was waited.

        Raises:
            NotReady: the connection is closed.
        """
        try:
            self._writer.write(lines.encode(lines.text(command, *params), lines.tags_prefix(tags or {})))
            await self._writer.drain()
        except OSError as error:
            raise NotReady("the server closed the connection") from error

    async def send(self, command: str, *params: str, at_once: bool = False) -> None:
        """Send a line in its turn.

        Raises:
            NotReady: the connection is closed.
        """
        if at_once:
            self._pace.spend()
        else:
            await self._pace.wait()
        await self.write(command, *params)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._writer.is_closing()

    def drop(self) -> None:
        """Close without waiting."""
        self._writer.close()

    async def close(self, reason: str = "") -> None:
        """Take leave, and close."""
        if not self._writer.is_closing():
            if reason:
                self._writer.write(lines.encode(lines.text("QUIT", reason)))
            self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()


def _tls(network: Network) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=network.tls_ca)
        if network.client_cert is not None:
            context.load_cert_chain(network.client_cert, network.client_key)
    except OSError as error:
        raise ConfigError(f"{network.name}: a certificate or key cannot be read: {error}") from error
    if not network.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _parsed(data: bytes) -> Line | None:
    """Return a line of a server: with more tags than clients may send, and in whatever encoding."""
    data = data.strip(b"\r\n ")
    tags: dict[str, str] = {}
    if data.startswith(b"@"):
        head, _, data = data[1:].partition(b" ")
        tags = tag_text.read(head.decode(errors="replace"))
    try:
        return replace(lines.parse(data, _BODY_BYTES), tags=tags)
    except InvalidUtf8:
        return replace(lines.parse(data.decode("latin-1").encode(), 2 * _BODY_BYTES), tags=tags)
    except BadLine:
        return None
