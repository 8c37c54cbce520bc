"""IRC clients of hubs in processes of their own. They keep all they are sent, and answer the hub's PINGs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from bridges.irc.wire import lines
from bridges.irc.wire.lines import Line
from tests.e2e.callers import Caller
from tests.e2e.database import Database
from tests.hub_process import UNLIMITED, HubProcess, free_port
from tests.waiting import SECONDS

CAPABILITIES = ("batch", "draft/message-redaction", "echo-message", "message-tags", "server-time")


class IrcHubProcess(HubProcess):
    """A hub that serves IRC at `irc_port`, without limits."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.irc_port = free_port()
        irc = {"IRC__PORT": str(self.irc_port), "IRC__LIMITS": "none", "IRC__GUESTS": "member"}
        super().__init__(folder, UNLIMITED | database.settings | irc)


class Voice:
    """Somebody with a key, or a guest without. `heard` are the lines of the present connection, or the last."""

    def __init__(self, name: str, key: str | None = None, capabilities: tuple[str, ...] = CAPABILITIES) -> None:
        self.name = name
        self.heard: list[Line] = []
        self.ended = True
        self._key = key
        self.capabilities = capabilities
        self._news = asyncio.Event()
        self._syncs = 0
        self._pongs: set[str] = set()
        self._reading: asyncio.Task[None] | None = None

    async def come(self, hub: IrcHubProcess) -> Self:
        """Connect, and return when everything has come that the hub sends unasked."""
        await self.go()
        reader, self._writer = await asyncio.open_connection("127.0.0.1", hub.irc_port, limit=2**20)
        self.heard, self.ended = [], False
        self._reading = asyncio.create_task(self._read(reader))
        if self._key is not None:
            self.say(f"PASS :{self._key}")
        self.say("CAP LS 302", f"NICK {self.name}", f"USER {self.name} 0 * :{self.name}")
        self.say(f"CAP REQ :{' '.join(self.capabilities)}", "CAP END")
        await self.sync()
        assert any(line.command == "001" for line in self.heard), self.heard
        return self

    async def go(self) -> None:
        """Drop the connection."""
        if self._reading is not None:
            self._reading.cancel()
            self._writer.close()
            await asyncio.gather(self._reading, self._writer.wait_closed(), return_exceptions=True)

    def say(self, *texts: str) -> None:
        """Send lines."""
        self._writer.write("".join(f"{text}\r\n" for text in texts).encode())

    async def sync(self) -> None:
        """Return when everything that was done at this hub so far is heard."""
        self._syncs += 1
        token = f"sync-{self._syncs}"
        self.say(f"PING {token}")
        await self.until(lambda: token in self._pongs)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something, looked at after every line.

        Raises:
            ConnectionError: the connection ended before.
        """
        async with asyncio.timeout(SECONDS):
            while not condition():
                if self.ended:
                    raise ConnectionError("the hub is gone")
                await self._news.wait()

    async def over(self) -> None:
        """Wait for the end of the connection."""
        with suppress(ConnectionError):
            await self.until(lambda: False)

    def messages(self) -> list[str]:
        """Return the ids of the messages that came, in their order."""
        return [line.tags["msgid"] for line in self.heard if line.command == "PRIVMSG"]

    def said(self) -> list[str]:
        """Return what was said, in its order."""
        return [line.params[-1] for line in self.heard if line.command == "PRIVMSG"]

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while (data := await reader.readline()).endswith(b"\n"):
                line = lines.parse(data)
                if line.command == "PING":
                    self.say(f"PONG :{line.params[-1]}")
                elif line.command == "PONG":
                    self._pongs.add(line.params[-1])
                else:
                    self.heard.append(line)
                self._tell()
        self.ended = True
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def voice(caller: Caller, *more: str) -> Voice:
    """Return an agent as an IRC client with these capabilities beside the usual ones."""
    return Voice(caller.name, caller.key, (*CAPABILITIES, *more))
