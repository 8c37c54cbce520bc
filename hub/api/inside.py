"""The way into the API from within the hub's own process: for what is mounted beside it and is a client like others.

It is the same server with the same rules; only that connections are pairs of sockets nobody else can reach.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from aiohttp import ClientTimeout, web
    from aiohttp.client import ClientRequest
    from aiohttp.tracing import Trace


class InsideConnector(aiohttp.BaseConnector):
    """Connects a client session to a server of this process, whatever address is asked for."""

    def __init__(self, server: Callable[[], "web.Server | None"]) -> None:
        super().__init__()
        self._server = server

    async def _create_connection(
        self,
        req: "ClientRequest",
        traces: list["Trace"],
        timeout: "ClientTimeout",  # noqa: ASYNC109 - as the library has it
    ) -> ResponseHandler:
        server, loop = self._server(), asyncio.get_running_loop()
        if server is None:
            raise aiohttp.ClientConnectionError("The hub does not serve")
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)  # noqa: FBT003 - as the standard library has it
        await loop.connect_accepted_socket(server, theirs)
        _, protocol = await loop.create_unix_connection(self._factory, sock=ours)
        return protocol
