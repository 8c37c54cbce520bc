"""One connection of one client: what it negotiated, the lines it sends one after another, and what goes out to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

from airchat.protocol.errors import HubError, Unavailable
from bridges.irc.outgoing import Outgoing, Signature, signature_of
from bridges.irc.pace import pace_of, wait_for_turn
from bridges.irc.registration import Introduction, expect_registration
from bridges.irc.transport.flood import Flood
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # the server knows its sessions
    from bridges.irc.batches import Batches
    from bridges.irc.login import Login
    from bridges.irc.sasl import Conversation
    from bridges.irc.server import IrcServer
    from bridges.irc.transport.connection import Connection
    from bridges.irc.users import User

_QUEUED_LINES = 64
_HELD_LINES = 20_000
_AIRCD_BYTES = 65_535
_BATCH_NAME = "labeled-response"
_log = logging.getLogger(__name__)


class Session:
    """A connection. `user` is set once it is registered; one task executes its lines, each to its end, in order.

    `away` is what it said for AWAY. `metadata_keys` are those whose values it wants to be told, and `metadata_values`
    what it set before it was registered.
    """

    def __init__(self, server: IrcServer, connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.introduction: Introduction | None = Introduction()
        self.user: User | None = None
        self.login: Login | None = None
        self.conversation: Conversation | None = None
        self.replaced_at: int | None = None
        self.device = ""
        self.away: str | None = None
        self.metadata_keys: dict[str, None] = {}
        self.metadata_values: dict[str, str] = {}
        self.capabilities: set[str] = set()
        self.cap_version = 0
        self.signature = Signature(0)
        self.aircd = False
        self.label: str | None = None
        self.batches: Batches | None = None
        self.closing = False
        self.sent_seq = 0
        self.flood = Flood(pace_of(server.config, None))
        self._lines: deque[bytes | None] = deque()
        self._arrived = asyncio.Event()
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
        self._arrived.set()
        if len(self._lines) >= _QUEUED_LINES:
            self.connection.pause()

    def line_too_long(self) -> None:
        """Queue the news that a line was dropped, in its order."""
        self._lines.append(None)
        self._arrived.set()

    def lost(self, clean: bool) -> None:  # noqa: FBT001 - the connection's one report
        """End the session after the connection ended; `clean` when the client has read all it was sent."""
        if self._task is not None:
            self._task.cancel()
        if self._patience is not None:
            self._patience.cancel()
        self.server.session_ended(self, clean=clean)

    def slow(self) -> None:
        """Cut a client that does not read: it resumes where it was when it comes back."""
        self.end("SendQ exceeded: come back and go on where you were")

    # What the client negotiated

    def has(self, capability: str) -> bool:
        """Tell whether the client negotiated the capability."""
        return capability in self.capabilities

    def set_capabilities(self, capabilities: set[str]) -> None:
        """Replace what the client negotiated."""
        self.capabilities = capabilities
        self.signature = signature_of(capabilities) | (Signature.AIRCD if self.aircd else Signature(0))

    def speak_aircd(self) -> None:
        """Speak aircd's dialect with this client from now on."""
        self.aircd = True
        self.signature |= Signature.AIRCD
        self.connection.take_lines_of(_AIRCD_BYTES)

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
            self._write(out.encode(self.signature))

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
            self._write(out.encode(self.signature))

    def reply(self, numeric: str, *params: str) -> None:
        """Send a numeric reply; the client's nick comes first by itself."""
        self.send(self.numeric(numeric, *params))

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

    def release(self) -> None:
        """Send what was kept back."""
        held, self._held = self._held or [], None
        for out in held:
            self._write(out.encode(self.signature))

    def write_now(self, text: str) -> None:
        """Send a line that belongs to no command."""
        self._write(f"{text}\r\n".encode())

    def _write(self, data: bytes) -> None:
        if not self.closing:
            self.connection.write(data)

    def end(self, reason: str) -> None:
        """Say why and close, once."""
        if self.closing:
            return
        self._write(lines.text("ERROR", reason).encode() + b"\r\n")
        self.closing = True
        self.connection.close()

    # Executing

    async def _work(self) -> None:
        try:
            while not self.closing:
                if not self._lines:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                line = self._lines.popleft()
                if len(self._lines) == _QUEUED_LINES // 2:
                    self.connection.resume()
                await self._take(line)
        except Exception:  # noqa: BLE001 - one session ends, the server goes on
            _log.exception("a session of %s failed", self.nick)
            self.end("Internal error")

    async def _take(self, data: bytes | None) -> None:
        if data is None:
            self.reply(n.ERR_INPUTTOOLONG, "Input line was too long")
            if self.aircd:  # its program reads no numerics
                self.note("Your line was too long and was not sent")
            return
        await wait_for_turn(self, data)
        try:
            line = lines.parse(data, _AIRCD_BYTES if self.aircd else lines.BODY_LIMIT)
        except lines.InvalidUtf8 as error:
            self.fail(error.command or "*", "INVALID_UTF8", text="Lines must be UTF-8")
            return
        except lines.TooLong:
            self.reply(n.ERR_INPUTTOOLONG, "Input line was too long")
            return
        except lines.BadLine:
            return
        with self.responding(line.tags.get("label") if self.has("labeled-response") else None):
            try:
                await self.server.execute(self, line)
            except Unavailable as error:
                self.fail(line.command, "TEMPORARILY_UNAVAILABLE", text=str(error))
            except HubError as error:
                self.fail(line.command, error.code.upper(), text=str(error))
            except Exception:  # noqa: BLE001 - the client hears of it, and goes on
                _log.exception("%s of %s failed", line.command, self.nick)
                self.fail(line.command, "INTERNAL_ERROR", text="Something went wrong; the server's log says what")

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
                self._write(out.encode(self.signature))

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
        self._write(response[0].encode_with(self.signature, {"label": label}))
        for out in response[1:]:
            self._write(out.encode(self.signature))

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
    """Return the line as part of a batch, unless it is part of one within."""
    if "batch" in out.tags:
        return out
    return Outgoing(out.body, {"batch": name, **out.tags}, at=out.at, seq=out.seq, aircd=out.aircd)


def _is_one_batch(response: list[Outgoing]) -> bool:
    """Tell whether the response is a batch by itself, which can carry the label."""
    first, last = response[0].body.split(" "), response[-1].body.split(" ")
    return first[1:2] == ["BATCH"] and last[1:2] == ["BATCH"] and first[2][1:] == last[2][1:]


Cause = Hashable
"""What a command is about to make happen, so that the feed knows whose doing it was."""
