"""Session: a registered connection. What is asked gets its answers, everything else goes to who listens.

An answer is known by its label where the server knows labels, else by standing before the PONG to a PING that was sent
behind the question; so one question is under way at a time.

https://ircv3.net/specs/extensions/labeled-response
"""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count

from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.connection import Connection
from bridges.irc_network.network import Network, candidates, fold
from bridges.irc_network.registration import Welcome
from hub.relay.contract.errors import NotReady, OutcomeUnknown
from hub.relay.turns import Pressing, Turns, never

ANSWER_SECONDS = 30.0
_NO_NEWS = frozenset({"chathistory", "netsplit", "netjoin", "znc.in/playback"})
"""Kinds of batches."""

TOKEN = "+airchat/token"  # noqa: S105 - it names a piece, and is no secret
"""A tag of what we post: it names the piece for ever."""

Listener = Callable[[Line], None]


class Session:
    """What the bridge says and hears. `listeners` get each line that is news, before who asked gets its answer."""

    def __init__(self, connection: Connection, welcome: Welcome, network: Network) -> None:
        self._connection = connection
        self._welcome = welcome
        self._turns = Turns(self._ready)
        self._question: _Question | None = None
        self._numbers = count(1)
        self._batches: dict[str, str] = {}
        self._known_as = {self.fold(nick) for nick in candidates(network.nick)}
        self.nick = welcome.nick
        self.name = network.name
        self.listeners: list[Listener] = []
        self.ended: NotReady | None = None

    def has(self, capability: str) -> bool:
        """Tell whether it was negotiated."""
        return capability in self._welcome.capabilities

    def value(self, capability: str) -> str:
        """Return what the server said about a capability."""
        return self._welcome.values.get(capability, "")

    def support(self, token: str) -> str | None:
        """Return a value of the server's 005 line, None when it has no such token."""
        return self._welcome.support.get(token)

    def fold(self, text: str) -> str:
        """Return a nick or channel as the network compares it."""
        return fold(text, self.support("CASEMAPPING") or "rfc1459")

    def is_own(self, line: Line) -> bool:
        """Tell whether we caused a line: under our nick, one that we had before, or in another's name."""
        nick, relayed = split_source(line.source or "").nick, line.tags.get("draft/relaymsg")
        if self.is_us(nick) or (relayed is not None and self.is_us(relayed)):
            return True
        return TOKEN in line.tags and (self.is_ours(nick) or self.is_ours(relayed or ""))

    def is_us(self, nick: str) -> bool:
        """Tell whether a nick is ours."""
        return self.fold(nick) == self.fold(self.nick)

    def is_ours(self, nick: str) -> bool:
        """Tell whether a nick is one that we go by, if not now."""
        return self.is_us(nick) or self.fold(nick) in self._known_as

    async def run(self) -> None:
        """Hear until the connection ends.

        Raises:
            NotReady: it ended.
        """
        try:
            while True:
                await self._take(await self._connection.read())
        except NotReady as error:
            self.ended = self.ended or error
            raise self.ended from error
        finally:
            self.ended = self.ended or NotReady("the connection was closed")
            self._connection.drop()
            if self._question is not None:
                self._question.fail()

    async def tell(self, command: str, *params: str) -> None:
        """Send a line whose answer nobody waits for."""
        await self._connection.send(command, *params)

    async def ask(
        self,
        command: str,
        *params: str,
        concerns: Callable[[Line], bool],
        tags: Mapping[str, str] | None = None,
        pressing: Pressing = never,
    ) -> list[Line]:
        """Send a line and return what the server answers: of unlabelled lines those that concern the question.

        Raises:
            NotReady: nothing was sent.
            OutcomeUnknown: the connection broke before the answer.
        """
        async with self._turns.take(pressing):
            if self.ended is not None:
                raise NotReady(str(self.ended))
            question = self._question = _Question(f"q{next(self._numbers)}", concerns)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    if self.has("labeled-response"):
                        await self._connection.write(command, *params, tags={"label": question.label, **(tags or {})})
                    else:
                        await self._connection.write(command, *params, tags=tags)
                        await self._connection.send("PING", question.label)
                    return await question.answer
            except (TimeoutError, NotReady) as error:
                await self._connection.close()
                raise OutcomeUnknown("the server did not answer") from error
            finally:
                self._question = None

    async def close(self, reason: str = "") -> None:
        """Leave the network."""
        await self._connection.close(reason)

    async def _ready(self) -> None:
        if self.ended is None:
            await self._connection.ready()

    async def _take(self, line: Line) -> None:
        if line.command == "PING":
            await self._connection.send("PONG", *line.params[-1:], at_once=True)
            return
        if line.command == "ERROR":
            self.ended = NotReady(f"the server closed the connection: {' '.join(line.params)}")
        if line.command == "NICK" and line.params and self.is_us(split_source(line.source or "").nick):
            self.nick = line.params[0]
        if line.command == "BATCH" and line.params:
            self._batch(line)
        elif not self._is_past(line):
            for listener in self.listeners:
                listener(line)
        if self._question is not None:
            self._question.take(line)

    def _batch(self, line: Line) -> None:
        mark, name = line.params[0][:1], line.params[0][1:]
        if mark == "+":
            outer = self._batches.get(line.tags.get("batch", ""), "")
            self._batches[name] = outer or (line.params[1] if len(line.params) > 1 else "")
        else:
            self._batches.pop(name, None)

    def _is_past(self, line: Line) -> bool:
        """Tell whether a line is of history, or of a netsplit, which is no news about anybody."""
        return self._batches.get(line.tags.get("batch", "")) in _NO_NEWS


class _Question:
    """Gathers what is answered to one question."""

    def __init__(self, label: str, concerns: Callable[[Line], bool]) -> None:
        self.label = label
        self.answer: asyncio.Future[list[Line]] = asyncio.get_running_loop().create_future()
        self._concerns = concerns
        self._lines: list[Line] = []
        self._batches: set[str] = set()
        self._outermost: str | None = None

    def take(self, line: Line) -> None:
        """Look at a line that came."""
        batch = line.tags.get("batch", "")
        if line.command == "PONG" and line.params[-1:] == (self.label,):
            self._end()
        elif line.command == "BATCH" and line.params[0].startswith("+"):
            self._open(line, line.params[0][1:], batch)
        elif line.command == "BATCH":
            if line.params[0][1:] == self._outermost:
                self._end()
        elif line.tags.get("label") == self.label:
            self._lines.append(line)
            self._end()
        elif batch in self._batches or (self._outermost is None and self._concerns(line)):
            self._lines.append(line)

    def fail(self) -> None:
        """Say that no answer will come."""
        if not self.answer.done():
            self.answer.set_exception(OutcomeUnknown("the connection broke before the answer"))

    def _open(self, line: Line, name: str, outer: str) -> None:
        if line.tags.get("label") == self.label:
            self._outermost = name
            self._batches.add(name)
        elif outer in self._batches or self._concerns(line):
            self._batches.add(name)

    def _end(self) -> None:
        if not self.answer.done():
            self.answer.set_result(self._lines)
