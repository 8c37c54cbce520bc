"""IRC over WebSockets (ircv3.net/specs/extensions/websocket): one line a message, text or binary as the client prefers.

Importing it takes long: only a server that offers it does. `upgrade` makes such connections of HTTP requests.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from typing import cast

from aiohttp import WSCloseCode, WSMsgType, web

from bridges.irc.transport import kernel
from bridges.irc.transport.connection import LINGER, Limits, MakeSession, Peer, Receiver, Ticket

TEXT = "text.ircv3.net"
BINARY = "binary.ircv3.net"
_GRACE = 0.2
"""Seconds that more than the limit may be queued before the client is called slow."""


class _Watched(asyncio.Protocol):
    """Passes on to aiohttp what the transport reports, and notes how it ended: aiohttp takes a reset for an end."""

    def __init__(self, transport: asyncio.Transport, note_end: Callable[[Exception | None], None]) -> None:
        inner = cast("asyncio.Protocol", transport.get_protocol())
        self._inner = inner
        self._note_end = note_end
        self.data_received = inner.data_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]
        transport.set_protocol(self)

    def eof_received(self) -> bool | None:
        self._note_end(None)
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._note_end(exc)
        self._inner.connection_lost(exc)


class WebSocketConnection:
    """One client on a WebSocket. `run` reads until the end; a task of its own writes."""

    def __init__(
        self, socket_: web.WebSocketResponse, transport: asyncio.Transport, peer: Peer, ticket: Ticket, limits: Limits
    ) -> None:
        self.address = peer.address
        self.port = peer.port
        self.hostname = peer.hostname
        self.secure = peer.secure
        self.certificate = peer.certificate
        self._loop = asyncio.get_running_loop()
        self._socket = socket_
        self._transport = transport
        # Shows how the connection ended when its first handle is closed already.
        self._handle: socket.socket | None = kernel.ending(transport.get_extra_info("socket"))
        self._ticket = ticket
        self._limits = limits
        self._longest_line = limits.line
        self._receiver: Receiver | None = None
        self._reading = asyncio.Event()
        self._reading.set()
        self._pending: deque[bytes] = deque()
        self._pending_size = 0
        self._written = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._timer: asyncio.TimerHandle | None = None
        self._mute = False
        self._closing = False
        self._aborted = False
        self._answered = False
        self._clean: bool | None = None
        _Watched(transport, self._note_end)

    async def run(self, make_session: MakeSession) -> None:
        """Carry lines until the connection ends, and tell the session how it did."""
        writer = self._loop.create_task(self._write_all())
        receiver = self._receiver = make_session(self)
        clean = False
        try:
            clean = await self._read_all(receiver, writer)
        finally:
            self._mute = True
            self._room.set()
            writer.cancel()
            if self._timer is not None:
                self._timer.cancel()
            if self._handle is not None:
                self._handle.close()
            self._ticket.release()
            self._receiver = None  # they would keep each other alive
            receiver.lost(clean)

    async def _read_all(self, receiver: Receiver, writer: asyncio.Task[None]) -> bool:
        """Tell lines until the connection ends; return whether the client had everything then."""
        while True:
            message = await self._socket.receive()
            await self._reading.wait()
            if message.type is WSMsgType.TEXT:
                self._tell(receiver, message.data.encode())
            elif message.type is WSMsgType.BINARY:
                self._tell(receiver, message.data)
            else:
                break
        if message.type is WSMsgType.CLOSING:  # our own doing
            await writer
            return self._answered
        if message.type is WSMsgType.ERROR or self._aborted:
            return False
        self._note_end(None)
        await self._socket.close()  # answers the client's, if it said that it closes
        if not self._clean:
            return False
        handle, self._handle = self._handle, None
        return await kernel.ends_properly(handle, LINGER)

    def _note_end(self, reset: Exception | None) -> None:
        """Note, at the first sign of the end, whether everything had arrived."""
        if self._clean is None:
            self._clean = reset is None and self.unacknowledged() == 0

    def _tell(self, receiver: Receiver, data: bytes) -> None:
        """Tell a message: one line, or what a client made of several in spite of the rule."""
        for line in data.split(b"\n"):
            text = line.rstrip(b"\r")
            if self._closing or not text:
                continue
            if len(text) > self._longest_line:
                receiver.line_too_long()
            else:
                receiver.line_received(text)

    async def _write_all(self) -> None:
        """Send what is queued, line by line, and at the end of it close if that was asked for."""
        with contextlib.suppress(ConnectionError):  # the reading side learns the same
            while not self._closing:
                await self._send_pending()
                self._room.set()
                if not self._closing:
                    self._written.clear()
                    await self._written.wait()
            await self._send_pending()
            closed = await self._socket.close()
            # The client's answer comes after it has read all that was before.
            self._answered = closed and self._socket.close_code != WSCloseCode.ABNORMAL_CLOSURE

    async def _send_pending(self) -> None:
        is_binary = self._socket.ws_protocol == BINARY
        while self._pending:
            data = self._pending.popleft()
            for line in data.removesuffix(b"\r\n").split(b"\r\n"):
                if is_binary:
                    await self._socket.send_bytes(line)
                else:
                    await self._socket.send_str(line.decode(errors="replace"))
            self._pending_size -= len(data)

    # What the session does: see `Connection`

    @property
    def queued(self) -> int:
        """Return the bytes that the kernel has not yet taken."""
        return self._pending_size + self._transport.get_write_buffer_size()

    def unacknowledged(self) -> int:
        """Return `queued` and what the client's kernel, or its proxy's, has not yet acknowledged."""
        return self.queued + (kernel.outstanding(self._handle) if self._handle is not None else 0)

    def take_lines_of(self, size: int) -> None:
        """Take lines of up to so many bytes from now on."""
        self._longest_line = size

    @property
    def ended(self) -> bool:
        """Whether the client has ended its side."""
        return self._clean is not None

    def write(self, data: bytes) -> None:
        """Queue whole lines."""
        if self._mute:
            return
        self._pending.append(data)
        self._pending_size += len(data)
        self._room.clear()
        self._written.set()
        if self._timer is None and self.queued > self._limits.queue:
            self._timer = self._loop.call_later(_GRACE, self._check)

    def _check(self) -> None:
        self._timer = None
        if self.queued > self._limits.queue and not self._mute and self._receiver is not None:
            self._mute = True
            self._receiver.slow()

    async def drained(self) -> None:
        """Wait until nothing is queued, or the connection is gone."""
        await self._room.wait()

    def pause(self) -> None:
        """Tell no more messages than the one that is being told."""
        self._reading.clear()

    def resume(self) -> None:
        """Go on telling, soon."""
        self._reading.set()

    def settle(self) -> None:
        """Count the client no longer among the newcomers."""
        self._ticket.settle()

    def close(self, final: bytes = b"") -> None:
        """Send what is queued and `final`, close, and be gone within seconds."""
        if self._closing:
            return
        if final:
            self._mute = False
            self.write(final)
        self._closing = self._mute = True
        self._reading.set()
        self._written.set()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(LINGER, self.abort)

    def abort(self) -> None:
        """Be gone now."""
        self._closing = self._mute = self._aborted = True
        self._reading.set()
        self._written.set()
        self._transport.abort()
