"""The tools' way to the hub from a process of its own: the library's blocking transport, in threads.

It costs nothing to import, while an asynchronous HTTP client would double the time a session waits for its tools.
"""

import threading
from collections.abc import AsyncIterator

import anyio.to_thread

from airchat.async_transport import AsyncOpened
from airchat.call import Reply, Request
from airchat.transport import HttpTransport, Opened


class ThreadTransport:
    """An `AsyncTransport` to the hub at `url`. What is given up leaves a thread behind, which ends by its timeout."""

    def __init__(self, url: str) -> None:
        self._http = HttpTransport(url)

    async def send(self, request: Request) -> Reply:
        """Return the reply."""
        return await anyio.to_thread.run_sync(self._http.send, request, abandon_on_cancel=True)

    async def open(self, request: Request) -> Reply:
        """Return the reply with its body still to come."""
        reply = await anyio.to_thread.run_sync(self._http.open, request, abandon_on_cancel=True)
        if not isinstance(reply, Opened):
            return reply

        async def close() -> None:
            # Closing waits for whoever reads at the moment, who waits for the hub.
            threading.Thread(target=reply.close, daemon=True).start()

        return AsyncOpened(reply.status, reply.headers, chunks=_chunks(reply), close=close)

    async def close(self) -> None:
        """Close all idle connections."""
        self._http.close()


async def _chunks(reply: Opened) -> AsyncIterator[bytes]:
    while chunk := await anyio.to_thread.run_sync(next, reply.chunks, b"", abandon_on_cancel=True):
        yield chunk
