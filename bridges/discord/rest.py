"""Discord's REST API. A call that changes something is made once: whether to make it again is the relay's to say.

https://docs.discord.com/developers/reference
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp

from bridges.discord.buckets import PATIENCE_SECONDS, Buckets
from bridges.discord.errors import failure
from bridges.discord.uploads import form
from hub.relay.contract.errors import BridgeError, NotReady, OutcomeUnknown, SlowDown
from hub.relay.contract.outbound import File

API_URL = "https://discord.com/api/v10"
_AGENT = "DiscordBot (https://airchat.dev, 0.1)"
_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=15, sock_read=60)
_TRIES = 5
_SUCCESS = range(200, 300)


Query = Mapping[str, str | int]


class Rest(Protocol):
    """What the bridge needs of the API. Paths begin with a slash; ids in them are as they are."""

    async def get(self, path: str, **query: str | int) -> Any:
        """Read something, waiting when Discord asks to, if it is not for long.

        Raises:
            BridgeError: NotReady, AuthFailed or Refusal.
        """
        ...

    async def send(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), query: Query | None = None
    ) -> Any:
        """Change something, once.

        Raises:
            BridgeError: NotReady (nothing was changed), OutcomeUnknown, AuthFailed or Refusal.
        """
        ...

    def download(self, url: str) -> AsyncIterator[bytes]:
        """Yield what is at an address of Discord's content network.

        Raises:
            BridgeError: NotReady or Refusal.
        """
        ...


class HttpRest:
    """The API over HTTP. Connections are kept only while `kept` runs."""

    def __init__(self, token: str, api_url: str = API_URL, buckets: Buckets | None = None) -> None:
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": _AGENT}
        self._url = api_url.rstrip("/")
        self._buckets = buckets or Buckets(time.monotonic)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep connections open meanwhile."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    async def get(self, path: str, **query: str | int) -> Any:
        """See `Rest.get`."""
        for last in range(1, _TRIES + 1):
            try:
                return await self._call("GET", path, None, (), query)
            except NotReady as error:
                if error.retry_after is None or error.retry_after > PATIENCE_SECONDS or last == _TRIES:
                    raise
                await asyncio.sleep(error.retry_after)
        raise NotReady("Discord asks to slow down again and again")

    async def send(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), query: Query | None = None
    ) -> Any:
        """See `Rest.send`."""
        return await self._call(method, path, body, files, query or {})

    async def download(self, url: str) -> AsyncIterator[bytes]:
        """See `Rest.download`."""
        try:
            async with self._open() as session, session.get(url, allow_redirects=False) as answer:
                if answer.status not in _SUCCESS:
                    raise failure(answer.status, answer.headers, None, changing=False)
                async for chunk in answer.content.iter_chunked(64 * 1024):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotReady(f"the file cannot be fetched: {_why(error)}") from error

    async def _call(self, method: str, path: str, body: Any, files: Sequence[File], query: Query) -> Any:
        changing = method != "GET"
        data = form(body, files) if files else None if body is None else aiohttp.JsonPayload(body)
        url = self._url + quote(path, safe="/@:")
        try:
            async with (
                self._buckets.turn(method, path),
                self._open() as session,
                session.request(method, url, data=data, params=query, headers=self._headers) as answer,
            ):
                text = await answer.text()
                self._buckets.learn(method, path, answer.headers)
        except aiohttp.ClientConnectorError as error:
            raise NotReady(f"Discord cannot be reached: {_why(error)}") from error
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError) as error:
            raise _broken(error, changing=changing) from error
        told = _read(text)
        if answer.status in _SUCCESS:
            return told
        failed = failure(answer.status, answer.headers, told, changing=changing)
        if isinstance(failed, SlowDown) and failed.retry_after is not None:
            self._buckets.close(method, path, failed.retry_after, everywhere=failed.everywhere)
        raise failed

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._session is not None:
            yield self._session
            return
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            yield session


def _broken(error: Exception, *, changing: bool) -> BridgeError:
    reason = f"the connection to Discord broke: {_why(error)}"
    return OutcomeUnknown(reason) if changing else NotReady(reason)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(text: str) -> Any:
    """Return what an answer says; None when it is not JSON, as a page of the proxy in front is not."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
