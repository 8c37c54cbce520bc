"""The usual answer, JSON with status 200: its head differs from others by date and length only, so it is ready."""

import time
from email.utils import formatdate
from functools import lru_cache

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from hub.api.errors import API_HEADERS

JSON = "application/json"


class Answer(web.Response):
    """An answer to whom one can answer as usual; to anybody else it is sent as any other response.

    Only for the latter is it made into one.
    """

    def __init__(self, body: bytes) -> None:
        self._text = body
        self._writer: AbstractStreamWriter | None = None

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays open."""
        return super().keep_alive if self._writer is None else True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Take note of where to write."""
        if request.method == "HEAD" or request.version != (1, 1) or not request.keep_alive:
            super().__init__(body=self._text, content_type=JSON, headers=API_HEADERS)
            return await super().prepare(request)
        self._writer = request.writer
        return self._writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Send everything at once."""
        if self._writer is None:
            await super().write_eof(data)
            return
        await self._writer.write_eof(b"%b%d\r\n\r\n%b" % (_head(int(time.time())), len(self._text), self._text))


@lru_cache(maxsize=1)
def _head(second: int) -> bytes:
    """Return the status line and headers, up to the length."""
    headers = {"Content-Type": JSON, "Date": formatdate(second, usegmt=True), **API_HEADERS, "Content-Length": ""}
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode()
