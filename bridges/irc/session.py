"""One connection of one client: what it negotiated, the lines it sends one after another, and what goes out to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from airchat.protocol.errors import HubError, Unavailable
from bridges.irc.flight import Flight
from bridges.irc.outgoing import Lines, Outgoing, signature_of
from bridges.irc.pace import pace_of, wait_for_turn
from bridges.irc.registration import Introduction, expect_registration
from bridges.irc.transport.flood import Flood
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # the server knows its sessions
    from bridges.irc.batches import Batch
    from bridges.irc.login import Login
    from bridges.irc.sasl import Conversation
    from bridges.irc.server import IrcServer
    from bridges.irc.service.answers import Pages
    from bridges.irc.transport.connection import Connection
    from bridges.irc.users import User

_QUEUED_LINES = 64
_QUEUED_LONG_LINES = 8
_HELD_LINES = 20_000
_AIRCD_BYTES = 65_535
_BATCH_NAME = "labeled-response"
_LAST_WORDS_SECONDS = 10.0
_NO_TAGS: Mapping[str, str] = {}
_log = logging.getLogger(__name__)


class Session:
    """A connection. `user` is set once it is registered; one task executes its lines, each to its end, in order.

    `away` is what it said for AWAY. `metadata_keys` are those whose values it wants to be told, and `metadata_values`
    what it set before it was registered. `unfinished` is what the hub has not told yet of its last answer.
    """

    def __init__(self, server: IrcServer, connection: Connection) -> None:
        self.server = server
        self.connection = connection
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
        self.capabilities: set[str] = set()
        self.cap_version = 0
        self.signature = 0
        self.aircd = False
        self.label: str | None = None
        self.incoming: Batch | None = None
        self.closing = False
        self.sent_seq = 0
        self.flood = Flood(pace_of(server.config, None))
        self._lines: list[bytes | None] = []
        self._most_lines = _QUEUED_LINES
        self._flight = Flight()
        self._gone = False
        self._arrival: asyncio.Future[None] | None = None
        self._response: list[Outgoing] | None = None
        self._deferred: list[Outgoing] = []
        self._held: list[Outgoing] | None = None
        self._batch_number = 0
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    # What the connection reports

    def start(self) -> None:
        """Begin to execute what the client sends."""
        self._task = asyncio.create_task(self._work(), name=f"irc session {self.connection.address}")
        self._patience = expect_registration(self)

    def line_received(self, data: bytes) -> None:
        """Queue a line; too many of them make the client wait."""
        self._lines.append(data)
        self._wake()
        if len(self._lines) >= self._most_lines:
            self.connection.pause()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def line_too_long(self) -> None:
        """Queue the news that a line was dropped, in its order."""
        self._lines.append(None)
        self._wake()

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
        self.server.session_ended(self)

    def slow(self) -> None:
        """Cut a client that does not read: it resumes where it was when it comes back."""
        self.end("SendQ exceeded: come back and go on where you were")

    # What the client negotiated

    def has(self, capability: str) -> bool:
        """Tell whether the client negotiated the capability."""
        return capability in self.capabilities

    @property
    def takes_echo(self) -> bool:
        """Whether the client wants to be told what it said itself."""
        return self.aircd or "echo-message" in self.capabilities

    def set_capabilities(self, capabilities: set[str]) -> None:
        """Replace what the client negotiated."""
        self.capabilities = capabilities
        self.signature = signature_of(capabilities, aircd=self.aircd)

    def speak_aircd(self) -> None:
        """Speak aircd's dialect with this client from now on."""
        self.aircd = True
        self.signature = signature_of(self.capabilities, aircd=True)
        self.connection.take_lines_of(_AIRCD_BYTES)
        self._most_lines = _QUEUED_LONG_LINES

    @property
    def nick(self) -> str:
        """Return the client's nick, `*` as long as it has none."""
        if self.user is not None:
            return self.user.nick
        return (self.introduction.nick if self.introduction else None) or "*"

    @property
    def server_name(self) -> str:
        """Return what the server calls itself to this client."""
        return "aircd" if self.aircd else self.server.config.server_name

    # Sending

    def send(self, out: Outgoing) -> None:
        """Send a line that this client's present command caused."""
        if self._response is not None:
            self._response.append(out)
        else:
            self._write(out)

    def deliver(self, out: Outgoing, *, caused: bool = False) -> None:
        """Send a line that somebody's doings caused: this client's present command when `caused`."""
        if caused:
            self.send(out)
        elif self._held is not None:
            self._held.append(out)
            if len(self._held) > _HELD_LINES:
                self.end("Too much happens to catch up; come back and go on where you were")
        elif self._response:
            self._deferred.append(out)
        else:
            self._write(out)

    def reply(self, numeric: str, *params: str) -> None:
        """Send a numeric reply; the client's nick comes first by itself."""
        self.send(self.numeric(numeric, *params))

    def deliver_all(self, found: Lines) -> None:
        """Send lines that somebody else's doings caused."""
        if self._held is None and not self._response:
            self._write_all(found)
        else:
            for out in found.outs:
                self.deliver(out)

    def numeric(self, numeric: str, *params: str) -> Outgoing:
        """Return a numeric reply for this client, not sent yet."""
        return Outgoing(lines.text(numeric, self.nick, *params, source=self.server_name), at=self.server.now())

    def command(
        self, command: str, *params: str, source: str | None = None, tags: Mapping[str, str] | None = None
    ) -> None:
        """Send a command from the server, or from `source`."""
        text = lines.text(command, *params, source=source or self.server_name)
        self.send(Outgoing(text, tags or {}, at=self.server.now()))

    def fail(self, command: str, code: str, *context: str, text: str) -> None:
        """Send a standard reply that says why a command failed."""
        self.command("FAIL", command, code, *context, text)

    def note(self, text: str) -> None:
        """Send a notice from the server."""
        self.command("NOTICE", self.nick, text)

    def batch(self, kind: str, *params: str, tags: Mapping[str, str] | None = None) -> _OpenBatch:
        """Open a batch within this response; use as a context that collects lines and closes it."""
        self._batch_number += 1
        return _OpenBatch(self, f"b{self._batch_number}", kind, params, tags or {})

    def hold(self) -> None:
        """Keep back what others do from now on, until `release`; too much of it ends the session."""
        self._held = []

    @property
    def holding(self) -> bool:
        """Whether what others do is kept back."""
        return self._held is not None

    def release(self) -> None:
        """Send what was kept back."""
        held, self._held = self._held or [], None
        for out in held:
            self._write(out)

    def write_now(self, text: str) -> None:
        """Send a line that belongs to no command."""
        self._write(Outgoing(text))

    def _write(self, out: Outgoing, extra: Mapping[str, str] = _NO_TAGS) -> None:
        """Write a line. Once the client has ended its side, it may not read it: then it does not count as sent."""
        if self.closing:
            return
        self.connection.write(out.encode_with(self.signature, extra) if extra else out.encode(self.signature))
        if out.seq is not None and out.seq > self.sent_seq and not self.connection.ended:
            self.sent_seq = out.seq

    def _write_all(self, found: Lines) -> None:
        if not self.closing:
            self.connection.write(found.encode(self.signature))
            if found.seq is not None and found.seq > self.sent_seq and not self.connection.ended:
                self.sent_seq = found.seq

    def end(self, reason: str) -> None:
        """Say why and close, once."""
        if self.closing:
            return
        self._write(Outgoing(lines.text("ERROR", reason)))
        self.closing = True
        self.connection.close()

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
                line = self._lines.pop(0)
                if len(self._lines) == self._most_lines // 2:
                    self.connection.resume()
                await self._take(line)
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
        await wait_for_turn(self, data)
        try:
            line = lines.parse(data, _AIRCD_BYTES if self.aircd else lines.BODY_LIMIT)
        except lines.BadLine as error:
            await self._flight.landed()
            self._refuse_line(error)
            return
        ahead = self.server.ahead(self, line)
        if ahead is not None:
            await self._flight.begin(self._guarded(line.command, ahead))
            return
        await self._flight.landed()
        with self.responding(line.tags.get("label") if self.has("labeled-response") else None):
            await self._guarded(line.command, self.server.execute(self, line))

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

    @contextlib.contextmanager
    def responding(self, label: str | None) -> Iterator[None]:
        """Collect what a command causes for this client, and send it as one labelled response at the end."""
        if label is None or len(label.encode()) > 64:
            yield
            return
        self.label, self._response = label, []
        try:
            yield
        finally:
            response, self._response = self._response, None
            self._respond(label, response)
            self.label = None
            deferred, self._deferred = self._deferred, []
            for out in deferred:
                self._write(out)

    def answered(self) -> None:
        """Send what answers the present command now; what it still causes belongs to no response."""
        response, label = self._response, self.label
        self._response = self.label = None
        if label is not None:
            self._respond(label, response)

    def unlabelled(self) -> None:
        """Answer nothing to the present command, not even an acknowledgement: its answer comes later."""
        self._response = None
        self.label = None

    def _respond(self, label: str, response: list[Outgoing] | None) -> None:
        if response is None:
            return
        if not response:
            response = [Outgoing(lines.text("ACK", source=self.server_name), at=self.server.now())]
        if len(response) > 1 and not _is_one_batch(response):
            response = self._wrapped(response)
        self._write(response[0], {"label": label})
        for out in response[1:]:
            self._write(out)

    def _wrapped(self, response: list[Outgoing]) -> list[Outgoing]:
        self._batch_number += 1
        name = f"l{self._batch_number}"
        opening = Outgoing(lines.text("BATCH", f"+{name}", _BATCH_NAME, source=self.server_name))
        closing = Outgoing(lines.text("BATCH", f"-{name}", source=self.server_name))
        return [opening, *(in_batch(out, name) for out in response), closing]


class _OpenBatch:
    """A batch that is being sent; clients without the capability get its lines alone."""

    def __init__(self, session: Session, name: str, kind: str, params: Iterable[str], tags: Mapping[str, str]) -> None:
        self._session = session
        self._name = name
        self._kind = kind
        self._params = tuple(params)
        self._tags = tags

    def __enter__(self) -> Self:
        if self._session.has("batch"):
            text = lines.text("BATCH", f"+{self._name}", self._kind, *self._params, source=self._session.server_name)
            self._session.send(Outgoing(text, self._tags))
        return self

    def __exit__(self, *_: object) -> None:
        if self._session.has("batch"):
            self._session.send(Outgoing(lines.text("BATCH", f"-{self._name}", source=self._session.server_name)))

    def send(self, out: Outgoing) -> None:
        """Send a line within the batch; to clients without batches, the line alone."""
        self._session.send(in_batch(out, self._name))

    def reply(self, numeric: str, *params: str) -> None:
        """Send a numeric reply within the batch."""
        self.send(self._session.numeric(numeric, *params))


def in_batch(out: Outgoing, name: str) -> Outgoing:
    """Return the line as part of a batch, unless it is part of one within, or the end of that."""
    if "batch" in out.tags or " BATCH -" in out.body.partition(" :")[0]:
        return out
    return Outgoing(out.body, {"batch": name, **out.tags}, at=out.at, seq=out.seq, aircd=out.aircd)


def _is_one_batch(response: list[Outgoing]) -> bool:
    """Tell whether the response is a batch by itself, which can carry the label."""
    first, last = response[0].body.split(" "), response[-1].body.split(" ")
    return first[1:2] == ["BATCH"] and last[1:2] == ["BATCH"] and first[2][1:] == last[2][1:]


Cause = Hashable
"""What a command is about to make happen, so that the feed knows whose doing it was."""
