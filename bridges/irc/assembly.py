"""Puts the IRC server and its listeners together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bridges.irc.config import IrcConfig
from bridges.irc.hub import Hub
from bridges.irc.server import IrcServer
from bridges.irc.transport.gate import Gate, GateLimits
from bridges.irc.transport.listener import Endpoint, listen
from bridges.irc.wire.lines import text


@dataclass(frozen=True, slots=True)
class Running:
    """An IRC server that serves; `ports` are those of its endpoints, in order."""

    server: IrcServer
    gate: Gate
    ports: tuple[int, ...]


@asynccontextmanager
async def running_server(hub: Hub, config: IrcConfig, endpoints: Sequence[Endpoint]) -> AsyncIterator[Running]:
    """Serve IRC on these endpoints; on leaving, everybody is told, and what they have read is written down."""
    server = IrcServer(hub, config)
    gate = Gate(GateLimits() if config.limits else GateLimits(0, 0, 0, 0))
    await server.start()
    listeners = []
    try:
        for endpoint in endpoints:
            listener = await listen(endpoint, server.accept, gate=gate, refusal=_refusal)
            listeners.append(listener)
        yield Running(server, gate, tuple(listener.port for listener in listeners))
    finally:
        for listener in listeners:
            await listener.close()
        await server.close()


def _refusal(reason: str) -> bytes:
    return text("ERROR", f"Closing link: {reason}").encode() + b"\r\n"
