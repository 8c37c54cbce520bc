"""A hub in memory that serves IRC on a free port, and clients that speak to it line by line."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from bridges.irc.wire import lines
from bridges.irc.wire.lines import Line
from hub.app import Hub, running_hub
from tests.hub.api.site import settings_for
from tests.waiting import SECONDS


class Client:
    """One connection. Whoever waits for one line skips those before it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.nick = "*"
        self._reader = reader
        self._writer = writer
        self._syncs = 0

    async def register(self, nick: str, *capabilities: str, password: str | None = None) -> Self:
        """Become somebody who negotiated these capabilities."""
        self.nick = nick
        if password is not None:
            self.send(f"PASS :{password}")
        self.send("CAP LS 302", f"NICK {nick}", f"USER {nick} 0 * :{nick} of the tests")
        if capabilities:
            self.send(f"CAP REQ :{' '.join(capabilities)}")
            assert (await self.expect("CAP", 1, "ACK")).params[2].split() == list(capabilities)
        self.send("CAP END")
        self.nick = (await self.expect("001")).params[0]
        await self.sync()
        return self

    def send(self, *texts: str) -> None:
        """Send lines."""
        for text in texts:
            self._writer.write(text.encode() + b"\r\n")

    def send_bytes(self, data: bytes) -> None:
        """Send anything."""
        self._writer.write(data)

    async def read(self) -> Line:
        """Return the next line."""
        data = await asyncio.wait_for(self._reader.readline(), SECONDS)
        if not data:
            raise EOFError("the server closed the connection")
        return lines.parse(data.rstrip(b"\r\n"))

    async def expect(self, command: str, place: int | None = None, text: str | None = None) -> Line:
        """Return the next line of that command, whose parameter at `place` is the text if one is given."""
        while True:
            line = await self.read()
            if line.command == command and (place is None or line.params[place] == text):
                return line

    async def sync(self) -> list[Line]:
        """Return every line up to now: what has happened before is among them."""
        self._syncs += 1
        token = f"sync-{self._syncs}"
        self.send(f"PING {token}")
        found = []
        while (line := await self.read()).command != "PONG" or line.params[-1] != token:
            found.append(line)
        return found

    async def ask(self, text: str) -> list[tuple[str, ...]]:
        """Send one line and return what comes of it, each line as its command and parameters."""
        self.send(text)
        return [(line.command, *line.params) for line in await self.sync()]

    async def seen(self) -> list[tuple[str, ...]]:
        """Return what came since, each line as the nick it is from, its command and its parameters."""
        return [(nick_of(line), line.command, *line.params) for line in await self.sync()]

    async def join(self, *channels: str) -> None:
        """Join channels and read what comes of it."""
        self.send(f"JOIN {','.join(channels)}")
        for channel in channels:
            await self.expect("366", 1, channel)
        await self.sync()

    async def close(self) -> None:
        """Drop the connection."""
        self._writer.close()

    def reset(self) -> None:
        """End the connection as a machine does that crashes."""
        self._socket().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def stop_reading(self) -> None:
        """Leave everything in the kernel from now on, which takes little of it."""
        self._socket().setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is one for both directions

    def read_again(self) -> None:
        """Go on reading."""
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above

    def _socket(self) -> socket.socket:
        found: socket.socket = self._writer.get_extra_info("socket")
        return found


@dataclass
class IrcHub:
    """A running hub with its IRC server."""

    hub: Hub
    stack: AsyncExitStack

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return urlsplit(self.hub.irc[0]).port or 0

    async def connect(self) -> Client:
        """Open a connection."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, limit=2**20))
        self.stack.push_async_callback(client.close)
        return client

    async def client(self, nick: str, *capabilities: str, password: str | None = None) -> Client:
        """Connect and register; without a password as a guest."""
        return await (await self.connect()).register(nick, *capabilities, password=password)


@asynccontextmanager
async def running_irc_server(folder: Path, *, mail: Any = None, **irc: Any) -> AsyncIterator[IrcHub]:
    """Run a hub without HTTP whose IRC server has these settings; guests may come and are members."""
    section = {"enabled": True, "port": 0, "guests": "member", "nicks": "free", "limits": "none"} | irc
    hub_section = {"default_channels": ()}
    settings = settings_for(folder, http={"enabled": False}, hub=hub_section, irc=section, mail=mail or {})
    async with running_hub(settings) as hub, AsyncExitStack() as stack:
        yield IrcHub(hub, stack)


def nick_of(line: Line) -> str:
    """Return the nick that a line is from."""
    return (line.source or "").partition("!")[0]
