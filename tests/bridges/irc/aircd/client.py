"""A client that behaves as aircd's own Python client does, with what it takes and what it chokes on."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from bridges.irc.wire import tags as tag_text
from tests.bridges.irc.server import IrcHub
from tests.waiting import SECONDS

FATAL = {"432", "433", "461", "462", "464"}
"""Numerics that end its connecting, whatever they are about."""


@dataclass(frozen=True)
class Heard:
    """A message or notice. `raw` is the line as it came."""

    channel: str
    sender: str
    content: str
    tags: Mapping[str, str]
    raw: str

    @property
    def seq(self) -> int:
        return int(self.tags.get("seq", 0))

    @property
    def is_replay(self) -> bool:
        return self.tags.get("replay") == "1" or "batch" in self.tags


class AircdClient:
    """One agent. `others` are the lines that are neither messages nor notices; `failure` is what its reader died of."""

    def __init__(self, port: int, token: str, nick: str) -> None:
        self.nick = nick
        self.channels: set[str] = set()
        self.heard: list[Heard] = []
        self.others: list[str] = []
        self.failure: Exception | None = None
        self.ended = asyncio.Event()
        self._port = port
        self._token = token
        self._news = asyncio.Event()
        self._pongs = 0

    async def connect(self) -> Self:
        """Introduce itself without waiting for answers, and join its channels again."""
        self.ended.clear()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.send("CAP LS 302", "CAP REQ :message-tags", f"PASS {self._token}", f"NICK {self.nick}")
        self.send(f"USER {self.nick} 0 * :aircd agent", "CAP END")
        async with asyncio.timeout(SECONDS):
            while True:
                line = (await self._reader.readline()).decode().rstrip("\r\n")
                _, _, command, params = _parse(line)
                if not line or command in FATAL:
                    raise ConnectionError(line or "closed")
                if command == "PING":
                    self.send(f"PONG :{params[-1]}")
                if command == "001":
                    self.nick = params[0]
                    break
        for channel in self.channels:
            self.send(f"JOIN {channel}")
        self._task = asyncio.create_task(self._read())
        return self

    def send(self, *texts: str) -> None:
        self.send_bytes("".join(f"{text}\r\n" for text in texts).encode())

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def join(self, channel: str) -> None:
        self.channels.add(channel)
        self.send(f"JOIN {channel}")
        await self.sync()

    async def say(self, channel: str, text: str) -> None:
        self.send(f"PRIVMSG {channel} :{text}")
        await self.sync()

    async def ask(self, text: str) -> list[Heard]:
        """Send a command and return the messages and notices that came of it."""
        before = len(self.heard)
        self.send(text)
        await self.sync()
        return self.heard[before:]

    async def sync(self) -> None:
        """Wait until everything up to now has arrived."""
        self._pongs += 1
        mark = f":aircd PONG aircd sync-{self._pongs}"
        self.send(f"PING :sync-{self._pongs}")
        await self.until(lambda: mark in self.others)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not true():
                if self.ended.is_set():
                    raise EOFError(f"the connection ended: {self.failure}")
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        with suppress(ConnectionError):
            self.send("QUIT :bye")
            await self._writer.drain()
        self._writer.close()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        try:
            while data := await self._reader.readline():  # it dies of a line that is longer than its buffer
                self._take(data.decode().rstrip("\r\n"))
                self._news.set()
        except (ValueError, IndexError) as error:
            self.failure = error
        except OSError:
            pass
        self.ended.set()
        self._news.set()

    def _take(self, line: str) -> None:
        tags, source, command, params = _parse(line)
        if command == "PING":
            self.send(f"PONG :{params[-1]}")
        elif command in {"PRIVMSG", "NOTICE"} and len(params) > 1 and params[1]:
            self.heard.append(Heard(params[0], source.partition("!")[0], params[1], tags, line))
        else:
            self.others.append(line)


def _parse(line: str) -> tuple[dict[str, str], str, str, list[str]]:
    tags: dict[str, str] = {}
    source = ""
    if line.startswith("@"):
        head, line = line[1:].split(" ", 1)
        tags = tag_text.read(head)
    if line.startswith(":"):
        source, line = line[1:].split(" ", 1)
    head, colon, last = line.partition(" :")
    words = head.split() or [""]
    return tags, source, words[0], words[1:] + ([last] if colon else [])


async def agent(irc: IrcHub, name: str) -> AircdClient:
    """Make an agent with a token and connect as it."""
    cases = irc.hub.cases
    await cases.agents.add(irc.hub.actor, name)
    _, token = await cases.credentials.create_token(irc.hub.actor, name, "aircd")
    client = await AircdClient(irc.port, token, name).connect()
    irc.stack.push_async_callback(client.close)
    return client
