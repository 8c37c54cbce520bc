"""Registration: from a fresh connection to being somebody there: capabilities, login, nick.

https://modern.ircdocs.horse/#connection-registration
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridges.irc.wire.lines import Line
from bridges.irc_network import sasl
from bridges.irc_network.connection import Connection
from bridges.irc_network.network import Network, candidates
from hub.relay.contract.errors import AuthFailed, ConfigError, NotReady

WANTED = frozenset({
    "account-tag",
    "batch",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "draft/relaymsg",
    "echo-message",
    "labeled-response",
    "message-tags",
    "server-time",
    "standard-replies",
})  # fmt: skip
SECONDS = 60.0

_BANNED_SECONDS = 300.0
_REQUEST_LENGTH = 400
_FAILED_LOGINS = frozenset({"902", "904", "905", "906", "908"})


@dataclass(slots=True)
class Welcome:
    """What the server said: our nick, what was negotiated, the values of capabilities, and its 005 tokens."""

    nick: str
    capabilities: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    support: dict[str, str] = field(default_factory=dict)


async def register(connection: Connection, network: Network) -> Welcome:
    """Become somebody.

    Raises:
        AuthFailed: the password or certificate is refused.
        ConfigError: the nick is impossible.
        NotReady: the server does not let us in now.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _Registration(connection, network).run()
    except TimeoutError as error:
        raise NotReady("the server does not finish the registration") from error


class _Registration:
    def __init__(self, connection: Connection, network: Network) -> None:
        self._connection = connection
        self._network = network
        self._welcome = Welcome("")
        self._nicks = candidates(network.nick)
        self._offered: dict[str, str] = {}
        self._requested = 0

    async def run(self) -> Welcome:
        send, network = self._connection.send, self._network
        await send("CAP", "LS", "302")
        if network.server_password:
            await send("PASS", network.server_password)
        await send("NICK", next(self._nicks))
        await send("USER", network.user, "0", "*", network.realname)
        while True:
            line = await self._connection.read()
            if line.command in {"376", "422"} and self._welcome.nick:
                return self._welcome
            await self._take(line)

    async def _take(self, line: Line) -> None:
        match line.command:
            case "PING":
                await self._connection.send("PONG", *line.params[-1:], at_once=True)
            case "CAP":
                await self._capabilities(line)
            case "AUTHENTICATE":
                for text in sasl.answer(self._network):
                    await self._connection.send("AUTHENTICATE", text)
            case "903":
                await self._connection.send("CAP", "END")
            case "001":
                self._welcome.nick = line.params[0]
            case "005":
                self._support(line)
            case "433" | "436" | "437":
                nick = next(self._nicks, None)
                if nick is None:
                    raise NotReady("all our nicks are in use")
                await self._connection.send("NICK", nick)
            case _:
                self._refused(line)

    def _refused(self, line: Line) -> None:
        """Raise what a line means that ends the registration."""
        text = line.params[-1] if line.params else line.command
        if line.command in _FAILED_LOGINS:
            raise AuthFailed(f"{self._network.name} refuses the login as {self._network.login}: {text}")
        if line.command == "464":
            raise AuthFailed(f"{self._network.name} refuses the server password: {text}")
        if line.command == "432":
            raise ConfigError(f"{self._network.name} does not allow the nick {self._network.nick}: {text}")
        if line.command == "465":
            raise NotReady(f"banned from the network: {text}", _BANNED_SECONDS)
        if line.command == "FAIL" and "ACCOUNT_REQUIRED_TO_CONNECT" in line.params:
            raise AuthFailed(f"{self._network.name} wants an account: set account and password")
        if line.command == "ERROR":
            raise NotReady(f"the server closed the connection: {text}")

    async def _capabilities(self, line: Line) -> None:
        kind, names = line.params[1].upper(), line.params[-1].split()
        if kind == "LS":
            self._offered |= {name: value for name, _, value in (it.partition("=") for it in names)}
            if line.params[2] != "*":
                await self._request()
        elif kind in {"ACK", "NAK"}:
            self._requested -= 1
            if kind == "ACK":
                self._welcome.capabilities |= set(names)
            if self._requested == 0:
                await self._log_in()

    async def _request(self) -> None:
        self._welcome.values = self._offered
        wanted = sorted(WANTED & self._offered.keys())
        if sasl.mechanism(self._network):
            if "sasl" not in self._offered:
                raise NotReady(f"{self._network.name} offers no login (SASL) now")
            wanted.append("sasl")
        for request in _packed(wanted):
            self._requested += 1
            await self._connection.send("CAP", "REQ", request)
        if not wanted:
            await self._connection.send("CAP", "END")

    async def _log_in(self) -> None:
        if "sasl" in self._welcome.capabilities:
            await self._connection.send("AUTHENTICATE", str(sasl.mechanism(self._network)))
        else:
            await self._connection.send("CAP", "END")

    def _support(self, line: Line) -> None:
        for token in line.params[1:-1]:
            name, _, value = token.partition("=")
            self._welcome.support[name] = value


def _packed(names: list[str]) -> Iterator[str]:
    """Yield names joined with blanks, as many as a line takes."""
    row = ""
    for name in names:
        if row and len(row) + len(name) > _REQUEST_LENGTH:
            yield row
            row = ""
        row = f"{row} {name}".strip()
    if row:
        yield row
