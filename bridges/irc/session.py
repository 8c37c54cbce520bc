"""One connection of one client: the lines it sends, executed one after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from airchat.protocol.errors import HubError, Unavailable
from bridges.irc.accounts.registration import Introduction, expect_registration
from bridges.irc.outgoing import signature_of
from bridges.irc.sending import Sender
from bridges.irc.speech.flight import Flight
from bridges.irc.speech.pace import delay_of, pace_of
from bridges.irc.transport.flood import Flood
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # the server knows its sessions
    from bridges.irc.accounts.login import Login
    from bridges.irc.accounts.sasl import Conversation
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.service.answers import Pages
    from bridges.irc.speech.batches import Batch
    from bridges.irc.transport.connection import Connection

_QUEUED_LINES = 64
_QUEUED_BYTES = 64 * 1024
"""What a client may have sent and waits to be executed; then nothing more is read of it."""

_AIRCD_BYTES = 65_535
_LAST_WORDS_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Session(Sender):
    """A connection. `user` is set once it is registered; one task executes its lines, each to its end, in order.

    `away` is what it said for AWAY. `metadata_keys` are those whose values it wants to be told, and `metadata_values`
    what it set before it was registered. `unfinished` is what the hub has not told yet of its last answer.
    """

    __slots__ = (
        "__weakref__",
        "_arrival",
        "_crowded",
        "_flight",
        "_gone",
        "_lines",
        "_patience",
        "_size",
        "_task",
        "away",
        "cap_version",
        "conversation",
        "device",
        "flood",
        "incoming",
        "introduction",
        "login",
        "metadata_keys",
        "metadata_values",
        "replaced_at",
        "unfinished",
        "user",
    )

    def __init__(self, server: IrcServer, connection: Connection) -> None:
        super().__init__(server, connection)
        self.introduction: Introduction | None = Introduction()
        self.user: User | None = None
        self.login: Login | None = None
        self.conversation: Conversation | None = None
        self.unfinished: Pages | None = None
        self.replaced_at: int | None = None
        self.device = ""
        self.away: str | None = None
        self.metadata_keys: dict[str, None] = {}
        self.metadata_values: dict[str, str] = {}
        self.cap_version = 0
        self.incoming: Batch | None = None
        self.flood = Flood(pace_of(server.config, None))
        self._lines: list[bytes | None] = []
        self._size = 0
        self._crowded = False
        self._flight = Flight()
        self._gone = False
        self._arrival: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    # What the connection reports

    def start(self) -> None:
        """Begin to execute what the client sends."""
        self._task = asyncio.create_task(self._work(), name=f"irc session {self.connection.address}")
        self._patience = expect_registration(self)

    def settle(self) -> None:
        """Count the client no longer among those of whom nothing is known yet: it registered in time."""
        if self._patience is not None and not self._gone:  # else it is for the last words of a client that has left
            self._patience.cancel()
            self._patience = None
        self.connection.settle()

    def line_received(self, data: bytes) -> None:
        """Queue a line; too much of that makes the client wait.

        While the client is told what it missed nothing is executed, but it is noted how much of that it has read.
        """
        if self.holding and data[:5].upper() == b"PONG " and self._has_read(data):
            return
        self._size += len(data)
        self._queue(data)

    def _has_read(self, data: bytes) -> bool:
        """Tell whether the line answers the PING under way."""
        try:
            params = lines.parse(data).params
        except lines.BadLine:
            return False
        return bool(params) and self.server.replays.ponged(self, params[-1])

    def _queue(self, line: bytes | None) -> None:
        self._lines.append(line)
        self._wake()
        if len(self._lines) >= _QUEUED_LINES or self._size >= _QUEUED_BYTES:
            self._crowded = True
            self.connection.pause()

    def _next_line(self) -> bytes | None:
        line = self._lines.pop(0)
        self._size -= len(line or b"")
        if self._crowded and len(self._lines) <= _QUEUED_LINES // 2 and self._size <= _QUEUED_BYTES // 2:
            self._crowded = False
            self.connection.resume()
        return line

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def line_too_long(self) -> None:
        """Queue the news that a line was dropped, in its order."""
        self._queue(None)

    def lost(self, clean: bool) -> None:  # noqa: FBT001 - the connection's one report
        """End the session after the connection ended; `clean` when the client has read all it was sent.

        What the client said before is executed first, in bounded time.
        """
        if self._patience is not None:
            self._patience.cancel()
        self.server.replays.ended(self, clean=clean)
        if self._task is None or self._task.done():
            self._leave()
            return
        self._gone = True
        self._wake()
        self._patience = asyncio.get_running_loop().call_later(_LAST_WORDS_SECONDS, self._leave)

    def _leave(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self.server.attendance.ended(self)

    def slow(self) -> None:
        """Cut a client that does not read: it resumes where it was when it comes back."""
        self.end("SendQ exceeded: come back and go on where you were")

    @property
    def nick(self) -> str:
        """Return the client's nick, `*` as long as it has none."""
        if self.user is not None:
            return self.user.nick
        return (self.introduction.nick if self.introduction else None) or "*"

    def woken(self) -> None:
        """Rest no longer: there is something to confirm."""
        self.server.replays.woken(self)

    def speak_aircd(self) -> None:
        """Speak aircd's dialect with this client from now on."""
        self.aircd = True
        self.signature = signature_of(self.capabilities, aircd=True)
        self.connection.take_lines_of(_AIRCD_BYTES)

    # Executing

    async def _work(self) -> None:
        try:
            while not self.closing:
                if not self._lines and self._gone:
                    break
                if not self._lines:
                    self._arrival = asyncio.get_running_loop().create_future()
                    await self._arrival
                    continue
                await self._take(self._next_line())
        except Exception:  # noqa: BLE001 - one session ends, the server goes on
            _log.exception("a session of %s failed", self.nick)
            self.end("Internal error")
        await self._flight.landed()
        if self._gone:
            self._leave()

    async def _take(self, data: bytes | None) -> None:
        """Execute a line; words that need not wait for those before them are only begun."""
        if data is None:
            await self._flight.landed()
            self.reply(n.ERR_INPUTTOOLONG, "Input line was too long")
            if self.aircd:  # its program reads no numerics
                self.note("Your line was too long and was not sent")
            return
        if delay := delay_of(self, data):
            await asyncio.sleep(delay)
        try:
            line = lines.parse(data, _AIRCD_BYTES if self.aircd else lines.BODY_LIMIT)
        except lines.BadLine as error:
            await self._flight.landed()
            with self.responding(self._label_of(error.line)):
                self._refuse_line(error)
            return
        ahead = self.server.ahead(self, line)
        if ahead is not None:
            if not self._lines and self._flight.empty:
                await self._guarded(line.command, ahead)
                return
            if self._flight.full:
                await self._flight.room()
            self._flight.begin(self._guarded(line.command, ahead))
            return
        await self._flight.landed()
        with self.responding(self._label_of(line)):
            await self._guarded(line.command, self.server.execute(self, line))

    def _label_of(self, line: lines.Line | None) -> str | None:
        return line.tags.get("label") if line is not None and self.has("labeled-response") else None

    def _refuse_line(self, error: lines.BadLine) -> None:
        if isinstance(error, lines.InvalidUtf8):
            self.fail(error.command or "*", "INVALID_UTF8", text="Lines must be UTF-8")
        elif isinstance(error, lines.TooLong):
            self.reply(n.ERR_INPUTTOOLONG, "Input line was too long")

    async def _guarded(self, command: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable as error:
            self.fail(command, "TEMPORARILY_UNAVAILABLE", text=str(error))
        except HubError as error:
            self.fail(command, error.code.upper(), text=str(error))
        except Exception:  # noqa: BLE001 - the client hears of it, and goes on
            _log.exception("%s of %s failed", command, self.nick)
            self.fail(command, "INTERNAL_ERROR", text="Something went wrong; the server's log says what")
        if self.holding:  # it failed before the client was told what it missed, and nothing would ever be told
            self.end("You cannot be told now what you missed; come back and go on where you were")
