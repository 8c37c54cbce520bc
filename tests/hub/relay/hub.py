"""A hub without its API: store, log, directory, use-cases and the relay; it can be stopped and started again."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from airchat.protocol.ids import new_id
from airchat.protocol.messages import UNFINISHED, Message
from airchat.protocol.principals import Agent, Kind, Principal, Role
from hub.core.blobs import Blobs
from hub.core.budgets import Rules
from hub.core.channels import Channels
from hub.core.clock import system_clock
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.files import Files
from hub.core.gate import Gate
from hub.core.messages import Messages
from hub.core.posting import Posted
from hub.core.reactions import Reactions
from hub.core.signatures import Signatures
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from hub.relay.runner import Relay
from store.open import open_store
from store.ports.store import Store
from store.ports.unit import Unit

CHANNEL = "general"
LINK_SECONDS = 30.0


class Line(NamedTuple):
    """A message as a person reads it: the name beside it, its text, the text of the message it answers."""

    author: str
    text: str
    thread: str | None = None


@dataclass
class Hub:
    """A hub over a file, guarded by its rules if any. What is made by `start` is gone after `stop`; the file stays."""

    folder: Path
    platforms: Sequence[Platform]
    links: Sequence[ConfiguredLink]
    rules: Rules | None = None
    store: Store = field(init=False)
    directory: Directory = field(init=False)
    messages: Messages = field(init=False)
    channels: Channels = field(init=False)
    reactions: Reactions = field(init=False)
    files: Files = field(init=False)
    relay: Relay = field(init=False)
    _bus: EventBus = field(init=False)
    _task: asyncio.Task[None] | None = field(init=False, default=None)

    async def start(self) -> None:
        """Open the store and run the relay."""
        self.store = open_store(f"sqlite:///{self.folder}/hub.sqlite")
        self._bus = EventBus(self.store)
        self.directory = Directory(self.store, self._bus)
        await self.store.open()
        await self._bus.start()
        await self.directory.load()
        self.channels = Channels(self.store, system_clock, self.directory)
        gate = Gate(self.directory, self.rules)
        self.messages = Messages(self.store, system_clock, self.directory, self.channels, gate)
        self.reactions = Reactions(self.store, system_clock, self.directory, self.messages)
        self.files = Files(
            self.store,
            system_clock,
            self.directory,
            self.channels,
            Blobs(self.folder / "files"),
            Signatures(b"secret"),
            max_bytes=100_000,
        )
        self.relay = Relay(
            store=self.store,
            bus=self._bus,
            directory=self.directory,
            messages=self.messages,
            reactions=self.reactions,
            channels=self.channels,
            files=self.files,
            address=lambda file: f"https://hub.example/{file.name}",
            clock=system_clock,
            platforms=self.platforms,
            configured=self.links,
        )
        self._task = asyncio.create_task(self.relay.run(), name="relay")

    async def stop(self) -> None:
        """Break off wherever the relay is, and close the store."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._bus.close()
        await self.store.close()

    async def linked(self) -> None:
        """Wait until every link that is asked for is there: what is said before is not carried.

        A platform may show us in its channel earlier: the link is made once we are there.
        """
        deadline = time.monotonic() + LINK_SECONDS
        while len(self.relay.links.all()) < len(self.links):
            assert time.monotonic() < deadline, self.relay.health()
            await asyncio.sleep(0.01)

    async def restart(self) -> None:
        """Stop and start."""
        await self.stop()
        await self.start()

    async def agent(self, name: str) -> Principal:
        """Return the agent with that name, registered on first use."""
        known = await self.directory.find_principal(name)
        if known is not None:
            return known
        now = system_clock()
        principal = Principal(new_id(now), Kind.AGENT, name, Role.MEMBER, now)

        async def save(unit: Unit) -> None:
            await unit.principals.save(principal)
            await unit.agents.save(Agent(principal).principal.id, None, None, None)

        await self.store.write(save)
        return principal

    async def post(
        self,
        author: str,
        text: str,
        *,
        parent: Message | None = None,
        channel: str = CHANNEL,
        unfinished: bool = False,
    ) -> Posted:
        """Post as an agent."""
        metadata = {UNFINISHED: True} if unfinished else None
        parent_id = parent.id if parent else None
        return await self.messages.post(await self.agent(author), channel, text, parent_id=parent_id, metadata=metadata)

    async def written(self, channel: str = CHANNEL) -> list[Message]:
        """Return every message of a channel, oldest first."""
        found = await self.directory.find_channel(channel)
        if found is None:
            return []
        async with self.store.read() as unit:
            return await unit.messages.page(found.id, 10_000)

    async def find(self, text: str, channel: str = CHANNEL) -> Message:
        """Return the message with that text; raises LookupError."""
        for message in await self.written(channel):
            if message.content == text:
                return message
        raise LookupError(text)

    async def transcript(self, channel: str = CHANNEL) -> list[Line]:
        """Return the channel as a person reads it."""
        messages = await self.written(channel)
        texts = {message.id: message.content for message in messages}
        return [
            Line(it.author_display or it.author_name, it.content, texts[it.parent_id] if it.parent_id else None)
            for it in messages
        ]
