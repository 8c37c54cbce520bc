"""The fake network's one server."""

import asyncio
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self

from bridges.irc.wire.lines import Line
from tests.waiting import SECONDS, eventually

from . import commands
from .client import Client
from .network import Event, Network
from .people import Person
from .settings import Faults, Settings


class FakeIrcNetwork:
    """A network on a free port of this machine.

    `lines` is all that clients sent, with their nicks; `flood_violations` counts lines that came too fast; `pages` are
    those of history that were asked for, `private` what was said to nicks.
    """

    def __init__(self, settings: Settings | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.settings = settings or Settings()
        self._tls = tls
        self.faults = Faults()
        self.network = Network()
        self.clients: list[Client] = []
        self.lines: list[tuple[str, str]] = []
        self.private: list[tuple[str, str, str, str]] = []
        self.flood_violations = 0
        self.pages = 0
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Close everything; the network remembers what was said."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    async def start(self) -> None:
        """Listen again, on the same port."""
        await self.__aenter__()

    def person(self, nick: str, account: str | None = None) -> Person:
        """Return somebody on the network."""
        return Person(self.network, nick, account)

    def said(self, channel: str) -> list[Event]:
        """Return what was said in a channel."""
        return [it for it in self.network.channel(channel).history if it.command in {"PRIVMSG", "NOTICE"}]

    def cut(self) -> None:
        """Drop all connections."""
        for client in list(self.clients):
            client.cut()

    def split(self) -> None:
        """Lose half of the network: everybody but those connected here quits, and comes back."""
        for channel in self.network.channels.values():
            away = channel.members - {client.nick for client in self.clients}
            for client in list(self.clients):
                for nick in away:
                    client.send("QUIT", "east.example west.example", source=f"{nick}!x@host.example")
                for nick in away:
                    client.send("JOIN", channel.name, source=f"{nick}!x@host.example")

    async def wait_for(self, condition: Callable[[], object], seconds: float = SECONDS) -> None:
        """Wait until the condition holds."""
        await eventually(condition, seconds=seconds)

    async def settled(self) -> None:
        """Wait until all who hung up are gone."""
        await asyncio.gather(*[client.ended.wait() for client in self.clients])

    def take(self, client: Client, line: Line) -> None:
        """Do what a client says."""
        commands.take(client, line)

    def welcome(self, client: Client) -> None:
        """Let a client in once it has said who it is."""
        if client.registered or client.negotiating or not client.nick or not client.has_user:
            return
        if self.settings.password and client.password != self.settings.password:
            client.numeric("464", "Password incorrect")
            client.send("ERROR", "Closing link")
            return
        client.registered = True
        client.numeric("001", "Welcome")
        client.numeric(
            "005", "CASEMAPPING=ascii", "BOT=B", f"CHATHISTORY={self.settings.page}", "NETWORK=Fake", "are supported"
        )
        client.numeric("422", "No message of the day")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, reader, writer)
        self.clients.append(client)
        self.connections += 1
        try:
            await client.run()
        except (OSError, EOFError, asyncio.IncompleteReadError):
            pass
        finally:
            self.clients.remove(client)
            for channel in self.network.channels.values():
                if client in channel.receivers:
                    channel.receivers.remove(client)
                    channel.members.discard(client.nick)
            writer.close()
            client.ended.set()
