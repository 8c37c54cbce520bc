"""Puts the IRC server and its listeners together."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridges.irc.config import IrcConfig
from bridges.irc.hub import Hub
from bridges.irc.server import IrcServer
from bridges.irc.transport.gate import Gate, GateLimits
from bridges.irc.transport.listener import Endpoint, listen
from bridges.irc.transport.proxy import Network
from bridges.irc.wire.lines import text

if TYPE_CHECKING:  # slow import
    from bridges.irc.transport.upgrade import Handler

_NO_LIMITS = GateLimits(total=0, per_address=0, per_minute=0, unsettled=0)


@dataclass(frozen=True, slots=True)
class Running:
    """An IRC server that serves; `ports` are those of its endpoints, in order, the WebSocket one last."""

    server: IrcServer
    gate: Gate
    ports: tuple[int, ...]
    origins: Collection[str] = ()

    def websocket(self, proxies: Sequence[Network]) -> "Handler":
        """Return what answers WebSocket requests on somebody else's HTTP server."""
        from bridges.irc.transport.upgrade import handler  # noqa: PLC0415 - slow import

        return handler(self.server.accept, gate=self.gate, origins=self.origins, proxies=proxies)


@asynccontextmanager
async def running_server(
    hub: Hub,
    config: IrcConfig,
    endpoints: Sequence[Endpoint],
    websocket: Endpoint | None = None,
    origins: Collection[str] = (),
) -> AsyncIterator[Running]:
    """Serve IRC on these endpoints, and on `websocket` for clients of that kind; pages of `origins` may connect there.

    On leaving, everybody is told, and what they have read is written down.
    """
    server = IrcServer(hub, config)
    gate = Gate(GateLimits() if config.limits else _NO_LIMITS)
    async with AsyncExitStack() as stack:
        await server.start()
        stack.push_async_callback(server.close)
        ports = []
        for endpoint in endpoints:
            listener = await listen(endpoint, server.accept, gate=gate, departures=server.departures, refusal=_refusal)
            stack.push_async_callback(listener.close)
            ports.append(listener.port)
            if endpoint.tls is not None:
                watching = asyncio.create_task(endpoint.tls.watch(), name="irc certificate")
                stack.callback(watching.cancel)
        if websocket is not None:
            ports.append(await _listen_for_websockets(websocket, server, gate, origins, stack))
        yield Running(server, gate, tuple(ports), origins)


async def _listen_for_websockets(
    endpoint: Endpoint, server: IrcServer, gate: Gate, origins: Collection[str], stack: AsyncExitStack
) -> int:
    from bridges.irc.transport.upgrade import listen as listen_for_websockets  # noqa: PLC0415 - slow import

    listener = await listen_for_websockets(endpoint, server.accept, gate=gate, origins=origins)
    stack.push_async_callback(listener.close)
    return listener.port


def _refusal(reason: str) -> bytes:
    return text("ERROR", f"Closing link: {reason}").encode() + b"\r\n"
