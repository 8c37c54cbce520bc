"""The stream: parsing, and following over real sockets that break."""

import json
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat import AirChatClient, AirChatConfig, AirChatForbidden, AsyncAirChatClient, StreamEvent
from airchat import transport as transport_module
from airchat.stream import EventParser, Position, ServerEvent
from tests.sdk.server import Handler, StubHub, once, refused

LINE_END = st.sampled_from(["\n", "\r\n", "\r"])
VALUE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=12)


def parse(text: bytes, cuts: list[int] | None = None) -> list[ServerEvent]:
    parser, bounds = EventParser(), sorted({0, *(cuts or []), len(text)})
    return [event for start, end in pairwise(bounds) for event in parser.feed(text[start:end])]


@given(
    st.lists(st.tuples(VALUE, st.lists(VALUE, min_size=1, max_size=3), LINE_END), min_size=1, max_size=5),
    st.lists(st.integers(0, 200), max_size=20),
)
def test_events_come_out_as_they_went_in_wherever_the_stream_is_cut(
    events: list[tuple[str, list[str], str]], cuts: list[int]
) -> None:
    stream = b""
    for seq, (kind, lines, end) in enumerate(events):
        block = [f"id: {seq}", f"event: {kind}", *(f"data: {line}" for line in lines), ": note", "retry: 5", "", ""]
        stream += end.join(block[:-1]).encode() + end.encode()
    stream += b"\n"  # a carriage return at the end waits for what follows
    expected = [
        ServerEvent(str(seq), kind or "message", "\n".join(lines)) for seq, (kind, lines, _) in enumerate(events)
    ]
    assert [event for event in parse(stream, [cut % len(stream) for cut in cuts]) if event.id] == expected


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
def test_noise_parses_the_same_wherever_it_is_cut(noise: bytes, cuts: list[int]) -> None:
    assert parse(noise, cuts) == parse(noise)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (b"\xef\xbb\xbfid:1\ndata:x\n\n", [ServerEvent("1", "message", "x")]),
        (b"data:  two spaces\n\n", [ServerEvent("", "message", " two spaces")]),
        (b"data\ndata\n\n", [ServerEvent("", "message", "\n")]),
        (b"id: 1\0\ndata: x\n\n", [ServerEvent("", "message", "x")]),
        (b"id: 1\ndata: x\n", []),
        (b": comment\n\n", [ServerEvent("", "message", "")]),
    ],
)
def test_format_of_the_standard(text: bytes, events: list[ServerEvent]) -> None:
    assert parse(text) == events


def frame(seq: int, kind: str = "message.created") -> bytes:
    data = {
        "seq": seq,
        "kind": kind,
        "at": "2026-01-01T00:00:00+00:00",
        "actor": "a",
        "channel": "c",
        "data": {"n": seq},
    }
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def event(seq: int) -> ServerEvent:
    return parse(frame(seq))[0]


def test_position_shows_each_event_once_and_goes_with_it() -> None:
    position = Position(None, None, 4)
    shown = [position.take(event(seq)) for seq in (4, 5, 5, 3, 7)]
    assert [news.seq if news else None for news in shown] == [None, 5, None, None, 7]
    assert position.call().headers["last-event-id"] == "7"


def test_position_begins_where_the_hub_says_and_only_then() -> None:
    hello = ServerEvent("9", "hello", "{}")
    fresh, resumed = Position(None, None, None), Position(None, None, 4)
    assert fresh.take(hello) is None
    assert resumed.take(hello) is None
    assert (fresh.seq, resumed.seq) == (9, 4)
    assert fresh.take(ServerEvent("12", "message", "")) is None  # a heartbeat
    assert fresh.seq == 12


class Log:
    """A hub's log of `count` events, streamed in pieces: each connection breaks after `piece` events."""

    def __init__(
        self, stub: StubHub, count: int, piece: int, *, end: Callable[[Handler], object] = Handler.drop
    ) -> None:
        self.resumed_from: list[int] = []
        self.count, self.piece, self.end = count, piece, end
        stub.faults.append(self.serve)

    def serve(self, handler: Handler) -> bool:
        if not handler.path.startswith("/api/v2/stream"):
            return False
        after = int(handler.headers.get("last-event-id", 0))
        self.resumed_from.append(after)
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.wfile.write(b": connected\n\nevent: hello\nid: %d\ndata: {}\n\n" % after)
        last = min(after + self.piece, self.count)
        text = b"".join(frame(seq) for seq in range(max(after - 1, 1), last + 1))  # repeats some
        handler.wfile.write(text + frame(last + 1)[:20])
        handler.wfile.flush()
        self.end(handler)
        return True


def test_stream_resumes_without_gap_or_repeat(client: AirChatClient, stub: StubHub) -> None:
    log = Log(stub, 7, 3)
    with client.stream() as stream:
        events = [next(stream) for _ in range(7)]
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert events[0] == StreamEvent(1, "message.created", "2026-01-01T00:00:00+00:00", "a", "c", {"n": 1})
    assert log.resumed_from[:3] == [0, 3, 6]
    assert stream.position == 7


async def test_async_stream_resumes_without_gap_or_repeat(config: AirChatConfig, stub: StubHub) -> None:
    log = Log(stub, 7, 3)
    async with AsyncAirChatClient(config, project="x") as client, client.stream() as stream:
        events = [await anext(stream) for _ in range(7)]
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert log.resumed_from[:3] == [0, 3, 6]


def test_silent_stream_is_given_up_and_resumed(
    client: AirChatClient, stub: StubHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "STREAM_TIMEOUT", 0.2)
    released = threading.Event()
    log = Log(stub, 4, 2, end=lambda _: released.wait(10))
    with client.stream() as stream:
        assert [next(stream).seq for _ in range(4)] == [1, 2, 3, 4]
    released.set()
    assert log.resumed_from == [0, 2]


def test_stream_survives_a_hub_that_is_away_for_a_while(client: AirChatClient, stub: StubHub) -> None:
    Log(stub, 2, 1)
    left = [0, 503, 502]

    def away(handler: Handler) -> bool:
        status = left.pop(0) if left and handler.path.startswith("/api/v2/stream") else 0
        if status:
            handler.reply(refused(status, "away"))
        return bool(status)

    stub.faults.insert(0, away)
    with client.stream() as stream:
        assert [next(stream).seq, next(stream).seq] == [1, 2]
    assert not left


def test_refused_stream_is_an_error(client: AirChatClient, stub: StubHub) -> None:
    client.check_board()
    stub.faults.append(once(lambda handler: handler.reply(refused(403, "No")), "/api/v2/stream"))
    with pytest.raises(AirChatForbidden, match="403: No"), client.stream("c", kind="k"):
        pass
    assert stub.seen[-1][1] == "/api/v2/stream?channel=c&kind=k"
