"""The asynchronous transport: HTTP over aiohttp, which the extra `airchat-sdk[async]` installs."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from airchat.call import Reply, Request
from airchat.errors import AirChatConfigError, AirChatConnectionError
from airchat.transport import STREAM_TIMEOUT, TIMEOUT

if TYPE_CHECKING:
    from aiohttp import BaseConnector, ClientResponse, ClientSession  # optional extra

OK = 200
LONG = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncOpened(Reply):
    """A reply whose body is still coming. `chunks` raises AirChatConnectionError when it breaks off or falls silent."""

    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


class AsyncTransport(Protocol):
    """Sends requests to one hub."""

    async def send(self, request: Request) -> Reply:
        """Return the reply.

        Raises:
            AirChatConnectionError: there is none.
        """
        ...

    async def open(self, request: Request) -> Reply:
        """Return an `AsyncOpened` reply if the hub agrees, else the complete refusal.

        Raises:
            AirChatConnectionError: there is no reply.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class AiohttpTransport:
    """Connects to the hub at `url`. `timeout` is how many seconds the hub may be silent within a call.

    `connector` makes connections otherwise than over the network; it is closed with the transport.
    """

    def __init__(self, url: str, timeout: float = TIMEOUT, connector: "BaseConnector | None" = None) -> None:
        try:
            import aiohttp  # noqa: PLC0415 - optional extra
            import yarl  # noqa: PLC0415 - comes with aiohttp
        except ImportError as error:
            raise AirChatConfigError("This client needs aiohttp: pip install 'airchat-sdk[async]'") from error
        self._aiohttp, self._yarl = aiohttp, yarl
        self._url = url
        self._timeout = timeout
        self._connector = connector
        self._session: ClientSession | None = None

    async def send(self, request: Request) -> Reply:
        """Return the reply; the connection is used again."""
        response = await self._exchange(request, self._timeout)
        try:
            return Reply(response.status, _headers(response), await response.read())
        except (self._aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._broken(error) from error
        finally:
            response.release()

    async def open(self, request: Request) -> Reply:
        """Return the reply with its body still to come."""
        response = await self._exchange(request, STREAM_TIMEOUT)
        if response.status != OK:
            try:
                return Reply(response.status, _headers(response), await response.read())
            finally:
                response.release()

        async def close() -> None:
            response.close()

        return AsyncOpened(response.status, _headers(response), chunks=self._chunks(response), close=close)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, request: Request, silence: float) -> "ClientResponse":
        aiohttp = self._aiohttp
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=self._connector, cookie_jar=aiohttp.DummyCookieJar())
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout, sock_read=silence)
        try:
            return await self._session.request(
                request.method,
                self._yarl.URL(self._url + request.target, encoded=True),
                data=_payload(request.body),
                headers=request.headers,
                timeout=timeout,
                allow_redirects=False,
            )
        except aiohttp.ClientConnectorError as error:
            raise AirChatConnectionError(f"The hub at {self._url} cannot be reached: {error}", sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._broken(error) from error

    async def _chunks(self, response: "ClientResponse") -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        except (self._aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._broken(error) from error
        finally:
            response.close()

    def _broken(self, error: Exception) -> AirChatConnectionError:
        reason = str(error) or type(error).__name__
        return AirChatConnectionError(f"The connection to the hub at {self._url} broke: {reason}", sent=True)


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """Return what is sent; a long body in a form that lets others run meanwhile."""
    return io.BytesIO(body) if body is not None and len(body) > LONG else body


def _headers(response: "ClientResponse") -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
