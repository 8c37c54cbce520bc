"""The bridge to an IRC network: one connection, on which everybody of the hub speaks."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.changes import Changes, in_words
from bridges.irc_network.commands import Commands
from bridges.irc_network.connection import Connection
from bridges.irc_network.corrections import Corrections
from bridges.irc_network.decoding import Decoding
from bridges.irc_network.events import Events, is_split
from bridges.irc_network.history import History
from bridges.irc_network.network import Network, is_channel
from bridges.irc_network.posts import Posts, Sent
from bridges.irc_network.registration import register
from bridges.irc_network.rooms import Rooms
from bridges.irc_network.session import Session
from bridges.irc_network.texts import Texts
from bridges.irc_network.threads import Threads
from bridges.irc_network.topics import Topics
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import (
    Capability,
    Intake,
    LinkedChannel,
    Names,
    RawEvent,
    RemoteChannel,
    Window,
)
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import BridgeError, ConfigError, NotReady, OutcomeUnknown, Refused

_WAITING = 10_000
_TEND_SECONDS = 5.0
_NICK_SECONDS = 60.0


class Memory:
    """What outlives a connection: the tags of threads, what was posted lately, and whose lines can be corrected."""

    def __init__(self, network: Network) -> None:
        self.threads = Threads()
        self.sent = Sent()
        self.corrections = Corrections(wanted=network.edits)


class IrcNetworkBridge:
    """One network."""

    def __init__(self, network: Network, memory: Memory | None = None) -> None:
        self.platform = self.workspace = network.name
        self._network = network
        self._memory = memory or Memory(network)
        self._texts = Texts(network)
        self._decoding = Decoding(self._memory.threads)
        self._heard: asyncio.Queue[RawEvent] = asyncio.Queue(_WAITING)
        self._open = AsyncExitStack()
        self._alive: Intake | None = None
        self._nick_tried = 0.0

    async def connect(self) -> None:
        """Connect and log in."""
        connection = await Connection.open(self._network)
        try:
            welcome = await register(connection, self._network)
        except BaseException:
            await connection.close()
            raise
        session = self._session = Session(connection, welcome, self._network)
        self._events = Events(session, self._memory.corrections)
        self._topics = self._decoding.topics = Topics(session, self._events)
        session.listeners.append(self._hear)
        self._rooms = Rooms(session, self._network.keys)
        self._history = History(session, self._events, self._texts)
        memory = self._memory
        self._posts = Posts(
            session, self._rooms, self._texts, threads=memory.threads, sent=memory.sent, network=self._network
        )
        self._changes = Changes(session, self._rooms, self._texts, topics=self._topics, network=self._network)
        self._commands = Commands(session, self.platform)
        self._hearing = asyncio.create_task(session.run(), name=f"bridges.irc_network {self.platform}")
        self._hearing.add_done_callback(_retrieve)
        self._open.push_async_callback(self._leave)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this network can show."""
        return self._changes.capabilities

    @property
    def keeps_history(self) -> bool:
        """Whether what is missed can be read up."""
        return self._history.kept

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Hand over what is heard, keep nick and channels, and answer who asks."""
        self._alive = intake
        intake.listening()
        bot = self._session.support("BOT")
        if bot:
            await self._session.tell("MODE", self._session.nick, f"+{bot}")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ended(), name="bridges.irc_network connection")
                group.create_task(self._store(intake), name="bridges.irc_network events")
                group.create_task(self._tend(intake), name="bridges.irc_network rooms")
                group.create_task(self._commands.run(desk), name="bridges.irc_network commands")
        except ExceptionGroup as broken:
            causes = broken.subgroup(BridgeError)
            raise causes.exceptions[0] if causes else broken.exceptions[0] from broken

    async def close(self) -> None:
        """Leave the network, if we are there."""
        await self._open.aclose()

    async def probe(self) -> None:
        """Have the server answer."""
        try:
            await self._session.ask("PING", "alive", concerns=_is_pong)
        except OutcomeUnknown as error:
            raise NotReady(str(error)) from error

    async def resolve(self, remote: str) -> RemoteChannel:
        """Join the channel; `#` may be left out."""
        name = remote if is_channel(remote) else f"#{remote}"
        if not is_channel(name):
            raise ConfigError(f"{remote} is no channel: on IRC only channels are linked")
        try:
            room = await self._rooms.enter(name)
        except NotReady as error:
            if self._session.ended is not None:
                raise
            raise ConfigError(str(error)) from error
        return RemoteChannel(self._session.fold(room.name), room.name)

    async def channels(self) -> Sequence[RemoteChannel]:
        """Networks have too many to tell."""
        return ()

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Be in the channel, and read its history where the network keeps one."""
        await self._rooms.enter(channel.remote_channel)
        await self._history.read_up(channel, intake)

    async def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """IRC tells nothing about old messages; but people may answer in threads, so their tags are known again."""
        for root in window.threads.values():
            self._memory.threads.know(window.remote_channel, root)
        nothing: tuple[inbound.Current, ...] = ()
        for current in nothing:
            yield current

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Say what an event means; None for what we did."""
        return self._decoding.of(payload)

    async def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """There are no files on IRC."""
        if file.source:
            raise Refused("there are no files on IRC")
        yield b""

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Divide into lines; of many lines the first, with a link to the rest."""
        return self._texts.divide(text, author)

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Say one line."""
        return await self._posts.post(post, names)

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look among the echoes we heard, and in the channel's history where there is one."""
        known = self._memory.sent.find(post.token)
        if known is not None or not self._history.kept:
            return None if known in post.taken else known
        await self._rooms.enter(post.remote_channel)
        return await self._history.find(post)

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Take back, react or set the topic."""
        await self._changes.make(change)

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Return one line of words."""
        return in_words(changes)

    async def show_working(self, working: outbound.Working) -> None:
        """Typing is shown by nick, and all of the hub have the same."""

    async def _leave(self) -> None:
        await self._session.close("the hub takes its leave")
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)

    def _hear(self, line: Line) -> None:
        if self._alive is not None:
            self._alive.seen()
        nick = split_source(line.source or "").nick
        if line.command == "QUIT":
            if not is_split(line):
                for channel in self._rooms.of(nick):
                    self._put(self._events.left(line, nick, channel))
                self._rooms.gone(nick)
            return
        if line.command == "JOIN" and line.params and self._rooms.has(line.params[0], nick):
            return
        if self._session.is_own(line):
            self._memory.sent.hear(line)
        heard = self._topics.hear(line) or self._events.of(line)
        if heard is not None:
            self._put(heard)

    def _put(self, event: RawEvent) -> None:
        try:
            self._heard.put_nowait(event)
        except asyncio.QueueFull:
            # read up again after reconnecting, rather than taking all memory
            self._hearing.cancel()

    async def _store(self, intake: Intake) -> None:
        while True:
            await intake.accept(await self._heard.get())

    async def _ended(self) -> None:
        """Wait for the end of the connection, which ends the bridge."""
        await asyncio.wait({self._hearing})
        raise NotReady(str(self._session.ended or "the connection ended"))

    async def _tend(self, intake: Intake) -> None:
        """Come back into channels we were put out of, and get our nick back."""
        while True:
            await asyncio.sleep(_TEND_SECONDS)
            for room in self._rooms.missing():
                try:
                    await self._rooms.enter(room.name)
                except NotReady:
                    continue
                intake.listening()
            if not self._session.is_us(self._network.nick) and time.monotonic() - self._nick_tried > _NICK_SECONDS:
                self._nick_tried = time.monotonic()
                await self._want_nick()

    async def _want_nick(self) -> None:
        """Ask for our nick: also the services, who know that it is ours when we are logged in. No password is told."""
        if self._session.has("sasl"):
            await self._session.tell("PRIVMSG", "NickServ", f"REGAIN {self._network.nick}")
        await self._session.tell("NICK", self._network.nick)


def _is_pong(line: Line) -> bool:
    return line.command == "PONG"


def _retrieve(task: asyncio.Task[None]) -> None:
    """Take note of how the connection ended: who waits for it is told by the session."""
    if not task.cancelled():
        task.exception()
