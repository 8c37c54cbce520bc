"""A connection over TCP, with or without TLS: lines in, bytes out, and the truth about how it ended."""

import asyncio
import contextlib
import socket
from typing import cast

from bridges.irc.transport import certificates, kernel
from bridges.irc.transport.connection import LINGER, Limits, MakeSession, Peer, Receiver, Ticket
from bridges.irc.transport.departures import Departures


class StreamConnection(asyncio.Protocol):
    """One client on a socket.

    `raw` is the transport below TLS, None in the clear. Lines that arrive while the session paused are kept: at most
    what one read brought, since nothing more is read. A client's own end of the connection is told after them.
    """

    # There may be thousands, and a dictionary each would take more than all else together.
    __slots__ = (
        "_abort_timer",
        "_clean",
        "_closing",
        "_departures",
        "_discarding",
        "_gone",
        "_handle",
        "_judging",
        "_limits",
        "_longest_line",
        "_loop",
        "_make_session",
        "_mute",
        "_paused",
        "_pending",
        "_pending_size",
        "_raw",
        "_receiver",
        "_relief",
        "_rest",
        "_sock",
        "_ticket",
        "_told",
        "_transport",
        "_waiting",
        "address",
        "certificate",
        "hostname",
        "port",
        "secure",
    )

    def __init__(
        self,
        sock: socket.socket,
        peer: Peer,
        make_session: MakeSession,
        *,
        ticket: Ticket,
        limits: Limits,
        departures: Departures,
        raw: asyncio.Transport | None = None,
    ) -> None:
        self.address = peer.address
        self.port = peer.port
        self.hostname = peer.hostname
        self.secure = peer.secure or raw is not None
        self.certificate: str | None = None
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._make_session = make_session
        self._ticket = ticket
        self._raw = raw
        self._limits = limits
        self._departures = departures
        self._longest_line = limits.line
        self._transport: asyncio.Transport | None = None
        self._receiver: Receiver | None = None
        self._told = False
        self._gone = False
        self._abort_timer: asyncio.TimerHandle | None = None
        # Incoming
        self._rest = b""
        self._discarding = False
        self._waiting: list[bytes | None] = []
        self._paused = True
        self._clean: bool | None = None
        self._judging: asyncio.Task[None] | None = None
        self._handle: socket.socket | None = None
        # Outgoing
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._mute = False
        self._closing = False
        self._relief: asyncio.Event | None = None

    # What the transport reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session, now that the client can be written to, unless it left during the handshake."""
        if self._gone:
            return
        self._transport = cast("asyncio.Transport", transport)
        self.certificate = certificates.fingerprint(transport.get_extra_info("ssl_object"))
        if self._raw is not None:
            self._handle = kernel.ending(self._sock)
        self._receiver = self._make_session(self)
        self._paused = False
        self._tell()

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into lines."""
        if self._closing:
            return
        if self._discarding:
            _, found, data = data.partition(b"\n")
            if not found:
                return
            self._discarding = False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if text := line.rstrip(b"\r"):
                self._waiting.append(text if len(text) <= self._longest_line else None)
        if len(self._rest) > self._longest_line + 1:  # its CR may be here already
            self._rest = b""
            self._discarding = True
            self._waiting.append(None)
        self._tell()

    def eof_received(self) -> bool:
        """Note how the client ended the connection; in the clear it stays open until all its lines are told."""
        everything_arrived = self.unacknowledged() == 0
        if self._raw is None:
            self._clean = everything_arrived and not kernel.is_broken(self._sock)
            self._tell()
            return not self._told
        if everything_arrived:
            self._judge_later()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session, unless it waits to hear the client's last lines first."""
        announced = exc is not None or self._closing or self._judging is not None
        if not announced and self._handle is not None and self._pending_size + kernel.outstanding(self._handle) == 0:
            self._judge_later()  # uvloop tells of no end that the client's TLS did not announce
        self._ticket.release()
        self._gone = self._mute = True
        self._relieve()
        self._pending.clear()
        self._pending_size = 0
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        if self._handle is not None:
            self._handle.close()
        if self._clean is None and self._judging is None:
            self._waiting.clear()
            self._tell_lost(clean=False)

    def pause_writing(self) -> None:
        """Let `drained` wait."""
        self._relief = self._relief or asyncio.Event()

    def resume_writing(self) -> None:
        """Let `drained` go on."""
        self._relieve()

    def _judge_later(self) -> None:
        """Find out whether the client left something unread: that shows when its socket ends, not when its TLS does."""
        if self._judging is None and self._handle is not None:
            handle, self._handle = self._handle, None
            self._judging = self._loop.create_task(self._judge(handle))

    async def _judge(self, handle: socket.socket) -> None:
        proper = await kernel.ends_properly(handle, LINGER)
        self._clean = proper
        self._tell()

    # What the session is told

    def _tell(self) -> None:
        if self._receiver is None:
            return
        told = 0
        while told < len(self._waiting) and not self._paused:
            line = self._waiting[told]
            told += 1
            if line is None:
                self._receiver.line_too_long()
            else:
                self._receiver.line_received(line)
        del self._waiting[:told]
        if self._waiting:
            return
        if self._clean is not None:
            self._tell_lost(clean=self._clean)
            self._leave()
        elif not self._paused and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _tell_lost(self, *, clean: bool) -> None:
        if not self._told and self._receiver is not None:
            self._told = True
            receiver, self._receiver = self._receiver, None  # they would keep each other alive
            receiver.lost(clean)

    def _leave(self) -> None:
        self._closing = self._mute = True
        if self._transport is not None and not self._gone:
            self._transport.close()
            self._abort_later()

    def _abort_later(self) -> None:
        if self._abort_timer is None:
            self._abort_timer = self._loop.call_later(LINGER, self.abort)

    # What the session does: see `Connection`

    @property
    def queued(self) -> int:
        """Return the bytes that the kernel has not yet taken."""
        size = self._pending_size
        if self._transport is not None:
            size += self._transport.get_write_buffer_size()
        if self._raw is not None:
            size += self._raw.get_write_buffer_size()
        return size

    def unacknowledged(self) -> int:
        """Return `queued` and what the client's kernel has not yet acknowledged."""
        return self.queued + kernel.outstanding(self._sock)

    def take_lines_of(self, size: int) -> None:
        """Take lines of up to so many bytes from now on."""
        self._longest_line = size

    @property
    def ended(self) -> bool:
        """Whether the client has ended its side."""
        return self._clean is not None or self._judging is not None or self._gone

    def write(self, data: bytes) -> None:
        """Queue whole lines for the end of this round of the loop."""
        if self._mute:
            return
        if not self._pending:
            self._departures.add(self)
        self._pending.append(data)
        self._pending_size += len(data)

    def depart(self) -> None:
        """Send what is queued; a client for whom too much waits then is slow."""
        if self._pending and self._transport is not None:
            data = b"".join(self._pending)
            self._pending.clear()
            self._pending_size = 0
            self._transport.write(data)
        if self.queued > self._limits.queue and not self._mute:
            self._mute = True
            if self._receiver is not None and not self._told:
                self._receiver.slow()

    def _relieve(self) -> None:
        if self._relief is not None:
            self._relief.set()
            self._relief = None

    async def drained(self) -> None:
        """Wait until little is queued, or the connection is gone."""
        await asyncio.sleep(0)  # what was written leaves now
        if self._relief is not None:
            await self._relief.wait()

    def pause(self) -> None:
        """Tell and read no more."""
        self._paused = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on telling and reading, soon."""
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._tell)

    def settle(self) -> None:
        """Count the client no longer among the newcomers."""
        self._ticket.settle()

    def close(self, final: bytes = b"") -> None:
        """Send what is queued and `final`, end the sending side, and be gone within seconds."""
        if self._closing or self._transport is None:
            return
        self._closing = self._mute = True
        self._waiting.clear()
        self._pending.append(final)
        self.depart()
        self._relieve()
        if self._transport.is_closing():
            return
        self._transport.resume_reading()
        if self._raw is None:
            with contextlib.suppress(OSError):  # the client is gone, and the loop has not noticed yet
                self._transport.write_eof()
        else:
            self._transport.close()
        self._abort_later()

    def abort(self) -> None:
        """Be gone now."""
        self._closing = self._mute = True
        for transport in (self._transport, self._raw):
            if transport is not None:
                transport.abort()
