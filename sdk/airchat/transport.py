"""The synchronous transport: HTTP/1.1 over the standard library, with connections kept alive. Safe for threads."""

import contextlib
import http.client
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from airchat.call import Reply, Request
from airchat.errors import AirChatConnectionError

TIMEOUT = 30.0
STREAM_TIMEOUT = 45.0
CHUNK = 65_536
IDLE_CONNECTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Reply):
    """A reply whose body is still coming. `chunks` raises AirChatConnectionError when it breaks off or falls silent."""

    chunks: Iterator[bytes]
    close: Callable[[], None]


class Transport(Protocol):
    """Sends requests to one hub."""

    def send(self, request: Request) -> Reply:
        """Return the reply.

        Raises:
            AirChatConnectionError: there is none.
        """
        ...

    def open(self, request: Request) -> Reply:
        """Return an `Opened` reply if the hub agrees, else the complete refusal.

        Raises:
            AirChatConnectionError: there is no reply.
        """
        ...

    def close(self) -> None:
        """Close all idle connections."""
        ...


class HttpTransport:
    """Connects to the hub at `url`. `timeout` is how many seconds the hub may be silent within a call."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url)
        self._url = url
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._timeout = timeout
        self._idle: deque[http.client.HTTPConnection] = deque()

    def send(self, request: Request) -> Reply:
        """Return the reply; the connection is used again."""
        connection = self._take()
        response = self._exchange(connection, request)
        try:
            reply = Reply(response.status, _headers(response), response.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._broken(error) from error
        if response.will_close or len(self._idle) >= IDLE_CONNECTIONS:
            connection.close()
        else:
            self._idle.append(connection)
        return reply

    def open(self, request: Request) -> Reply:
        """Return the reply with its body still to come, on a connection of its own."""
        connection = self._connect(STREAM_TIMEOUT)
        response = self._exchange(connection, request)

        def close() -> None:
            response.close()
            connection.close()

        if response.status != http.client.OK:
            with contextlib.ExitStack() as stack:
                stack.callback(close)
                return Reply(response.status, _headers(response), response.read())
        return Opened(response.status, _headers(response), chunks=self._chunks(response, close), close=close)

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
        try:
            connection.request(request.method, self._prefix + request.target, request.body, dict(request.headers))
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._broken(error) from error

    def _take(self) -> http.client.HTTPConnection:
        """Return an idle connection that the hub has not closed meanwhile, else a new one."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if connection.sock is not None and not _has_news(connection.sock):
                return connection
            connection.close()
        return self._connect(self._timeout)

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        connection = self._kind(self._host, self._port, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise AirChatConnectionError(f"The hub at {self._url} cannot be reached: {error}", sent=False) from error
        return connection

    def _chunks(self, response: http.client.HTTPResponse, close: Callable[[], None]) -> Iterator[bytes]:
        try:
            while chunk := response.read1(CHUNK):
                yield chunk
        except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: closed meanwhile
            raise self._broken(error) from error
        finally:
            close()

    def _broken(self, error: Exception) -> AirChatConnectionError:
        reason = str(error) or type(error).__name__
        return AirChatConnectionError(f"The connection to the hub at {self._url} broke: {reason}", sent=True)


def _has_news(connection: socket.socket) -> bool:
    """Tell whether something came in: on an idle connection that is its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
