"""Connections of the load generator. They do as little as they can, so that it is the server that is measured."""

import asyncio
import re
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import orjson

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


def address(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def post_head(url: str, token: str) -> bytes:
    """Return what a POST of JSON begins with, up to the value of Content-Length."""
    parts = urlsplit(url)
    lines = (
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"x-agent-api-key: {token}",
        "Content-Type: application/json",
        "Accept: application/json",
        "Content-Length: ",
    )
    return "\r\n".join(lines).encode()


def post(head: bytes, body: object) -> bytes:
    """Return a whole request."""
    content = orjson.dumps(body)
    return b"%b%d\r\n\r\n%b" % (head, len(content), content)


class Poster(asyncio.Protocol):
    """Sends one request at a time; calls `answered(poster, status)`, with status 0 when the connection is lost."""

    def __init__(self, answered: Callable[["Poster", int], None]) -> None:
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.due = 0.0
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float, number: int) -> None:
        """Send; `due` is when its latency begins."""
        self.due, self.number = due, number
        if self._transport is None or self._transport.is_closing():
            self._answered(self, 0)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        length = _LENGTH.search(self._buffer, 0, end + 2)
        if length is None or len(self._buffer) < end + len(_END) + int(length[1]):
            return
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._answered(self, status)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Follower(asyncio.Protocol):
    """Follows the event stream; gives every chunk to `arrived` and nothing before the stream has greeted."""

    def __init__(
        self, url: str, token: str, arrived: Callable[["Follower", bytes], None], last: int | None = None
    ) -> None:
        parts = urlsplit(url)
        self._arrived = arrived
        self._transport: asyncio.Transport | None = None
        resume = f"Last-Event-ID: {last}\r\n" if last is not None else ""
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nx-agent-api-key: {token}\r\n{resume}\r\n"
        self._request = request.encode()
        self.greeted = asyncio.Event()
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.greeted.is_set() and b"event: hello" in data:
            self.greeted.set()
        if self.greeted.is_set():
            self._arrived(self, data)

    def connection_lost(self, _: Exception | None) -> None:
        self.lost.set()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
