"""What goes out to one client, as it negotiated: answers with their labels and batches, and what others do."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from bridges.irc.outgoing import Lines, Outgoing, signature_of
from bridges.irc.wire import lines

if TYPE_CHECKING:  # where it writes, and whose clock it reads
    from bridges.irc.server import IrcServer
    from bridges.irc.transport.connection import Connection

_HELD_LINES = 20_000
_LABEL_BYTES = 64
_BATCH_NAME = "labeled-response"
_NO_TAGS: Mapping[str, str] = {}


class Sender(ABC):
    """The outgoing half of a session. `sent_seq` is the place in the log of the newest line that was written.

    It is `resting` while it has nothing to confirm.
    """

    __slots__ = (
        "_batch_number",
        "_deferred",
        "_held",
        "_response",
        "aircd",
        "capabilities",
        "closing",
        "connection",
        "label",
        "resting",
        "sent_seq",
        "server",
        "signature",
    )

    def __init__(self, server: IrcServer, connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.capabilities: set[str] = set()
        self.signature = 0
        self.aircd = False
        self.label: str | None = None
        self.closing = False
        self.sent_seq = 0
        self.resting = False
        self._response: list[Outgoing] | None = None
        self._deferred: list[Outgoing] = []
        self._held: list[Outgoing] | None = None
        self._batch_number = 0

    @property
    @abstractmethod
    def nick(self) -> str:
        """Return the client's nick, `*` as long as it has none."""

    @abstractmethod
    def woken(self) -> None:
        """Rest no longer: there is something to confirm."""

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
        if self._held is not None or self._response:
            for out in found.outs:
                self.deliver(out)
        elif not self.closing:
            self.connection.write(found.encode(self.signature))
            self._sent(found.seq)

    def send_all(self, outs: Sequence[Outgoing], batch: str) -> None:
        """Send lines of an open batch that this client's present command caused, in one piece."""
        if self._response is not None:
            self._response += [in_batch(out, batch) for out in outs]
        elif outs and not self.closing:
            extra = {"batch": batch} if self.has("batch") else _NO_TAGS
            pieces = [out.encode_with(self.signature, _NO_TAGS if _is_elsewhere(out) else extra) for out in outs]
            self.connection.write(b"".join(pieces))
            self._sent(max(out.seq or 0 for out in outs))

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

    def batch(self, kind: str, *params: str, tags: Mapping[str, str] | None = None) -> OpenBatch:
        """Open a batch within this response; use as a context that collects lines and closes it."""
        self._batch_number += 1
        return OpenBatch(self, f"b{self._batch_number}", kind, params, tags or {})

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
        self._sent(out.seq)

    def _sent(self, seq: int | None) -> None:
        if seq is not None and seq > self.sent_seq and not self.connection.ended:
            self.sent_seq = seq
            if self.resting:
                self.woken()

    def end(self, reason: str) -> None:
        """Say why and close, once."""
        if self.closing:
            return
        self._write(Outgoing(lines.text("ERROR", reason)))
        self.closing = True
        self.connection.close()

    @contextlib.contextmanager
    def responding(self, label: str | None) -> Iterator[None]:
        """Collect what a command causes for this client, and send it as one labelled response at the end."""
        if label is None or len(label.encode()) > _LABEL_BYTES:
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


class OpenBatch:
    """A batch that is being sent; clients without the capability get its lines alone."""

    def __init__(self, session: Sender, name: str, kind: str, params: Iterable[str], tags: Mapping[str, str]) -> None:
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

    def send_all(self, outs: Sequence[Outgoing]) -> None:
        """Send lines within the batch, in one piece."""
        self._session.send_all(outs, self._name)

    def reply(self, numeric: str, *params: str) -> None:
        """Send a numeric reply within the batch."""
        self.send(self._session.numeric(numeric, *params))


def in_batch(out: Outgoing, name: str) -> Outgoing:
    """Return the line as part of a batch, unless it is part of one within, or the end of that."""
    if _is_elsewhere(out):
        return out
    return Outgoing(out.body, {"batch": name, **out.tags}, at=out.at, seq=out.seq, aircd=out.aircd)


def _is_elsewhere(out: Outgoing) -> bool:
    """Tell whether the line is part of a batch already, or the end of one."""
    return "batch" in out.tags or (" BATCH -" in out.body and " BATCH -" in out.body.partition(" :")[0])


def _is_one_batch(response: list[Outgoing]) -> bool:
    """Tell whether the response is a batch by itself, which can carry the label."""
    first, last = response[0].body.split(" "), response[-1].body.split(" ")
    return first[1:2] == ["BATCH"] and last[1:2] == ["BATCH"] and first[2][1:] == last[2][1:]
