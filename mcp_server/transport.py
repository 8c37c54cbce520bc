"""The tools' way to the hub from a process of its own: the library's blocking transport, in threads.

It costs nothing to import, while an asynchronous HTTP client would double the time a session waits for its tools.
"""

import anyio.to_thread

from airchat.call import Reply, Request
from airchat.transport import HttpTransport


class ThreadTransport:
    """An `AsyncTransport` to the hub at `url`. Tools follow no stream: what waits is pushed by `mcp_server.push`."""

    def __init__(self, url: str) -> None:
        self._http = HttpTransport(url)

    async def send(self, request: Request) -> Reply:
        """Return the reply. A call that is given up leaves its thread behind, which ends by its timeout."""
        return await anyio.to_thread.run_sync(self._http.send, request, abandon_on_cancel=True)

    async def open(self, request: Request) -> Reply:
        """Return the reply, complete."""
        return await self.send(request)

    async def close(self) -> None:
        """Close all idle connections."""
        self._http.close()
