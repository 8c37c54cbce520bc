"""The hub's event stream: parsing server-sent events, and following the log without gap or repeat.

The format is that of the HTML Standard, section "Server-sent events". No I/O here: the clients do that.
"""

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any

from airchat.call import Call, Reply, Row
from airchat.errors import AirChatError
from airchat.retry import backoff

LONGEST_PAUSE = 30.0
CONTROL = ("hello", "lagging")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One block of the stream; `id` is the position after it, if the block names one.

    A block without data only moves the position.
    """

    id: str
    event: str
    data: str


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A change in the hub: `seq` is its place in the log, `at` ISO-8601, `data` what the kind of event carries."""

    seq: int
    kind: str
    at: str
    actor: str | None
    channel: str | None
    data: Row


class EventParser:
    """Turns chunks of bytes, cut anywhere, into the events they complete."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._id = ""
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that end within `chunk`."""
        text = self._rest + self._decoder.decode(chunk)
        # A carriage return at the end may be half of a line end: it waits for what follows.
        held = "\r" if text.endswith("\r") else ""
        *lines, self._rest = _LINE_END.split(text.removesuffix("\r"))
        self._rest += held
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._end()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "id" if "\0" not in value:
                self._id = value
            case "event":
                self._event = value
            case "data":
                self._data.append(value)
        return None

    def _end(self) -> ServerEvent:
        event = ServerEvent(self._id, self._event or "message", "\n".join(self._data))
        self._id, self._event, self._data = "", "", []
        return event


class Position:
    """Where a reader is in the log: what to ask for next, and which events it has seen already."""

    def __init__(self, channel: str | None, kind: str | None, after: int | None, session: str | None = None) -> None:
        self._asked = {"channel": channel, "kind": kind, "session": session}
        self.seq = after
        self._failures = 0

    def call(self) -> Call[Reply]:
        """Return the call that opens the stream where the reader is."""
        headers = {"accept": "text/event-stream"}
        if self.seq is not None:
            headers["last-event-id"] = str(self.seq)
        return Call("GET", "/api/v2/stream", _itself, self._asked, headers=headers)

    def take(self, event: ServerEvent) -> StreamEvent | None:
        """Move past an event; returns it if it is new to the reader and worth showing."""
        if not (event.id.isascii() and event.id.isdigit()):
            return None
        seq = int(event.id)
        if event.event in CONTROL:
            # What the hub says about itself: where it is matters only to a reader that has no place yet.
            self.seq = seq if self.seq is None else self.seq
            return None
        if self.seq is not None and seq <= self.seq:
            return None
        self.seq = seq
        self._failures = 0
        return _stream_event(event) if event.data else None

    def pause(self) -> float:
        """Return how many seconds to wait before connecting again; longer with each failure in a row."""
        self._failures += 1
        return backoff(self._failures, LONGEST_PAUSE)


def _stream_event(event: ServerEvent) -> StreamEvent:
    try:
        data: Any = json.loads(event.data)
        return StreamEvent(
            data["seq"], data["kind"], data["at"], data.get("actor"), data.get("channel"), data["data"] or {}
        )
    except (ValueError, KeyError, TypeError) as error:
        raise AirChatError(f"The hub's stream sent an event of unknown form: {event.data[:80]!r}") from error


def _itself(reply: Reply) -> Reply:
    return reply
