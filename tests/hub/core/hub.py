"""The use-cases around messages over one store, with principals to try them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import orjson

from airchat.protocol.events import Event, EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from hub.core.channels import Channels
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.inbox import Inbox
from hub.core.mentions import Mentions
from hub.core.messages import Messages
from hub.core.moderation import Moderation
from hub.core.pins import Pins
from hub.core.presence import Presence
from hub.core.reactions import Reactions
from hub.core.search import Search
from store.memory import MemoryStore
from store.ports.messages import Appended, MessageDraft
from store.ports.store import Access, Advanced, Committed, Result, Store
from store.ports.unit import Unit
from tests.hub.core.fakes import FakeClock


@dataclass
class Hub:
    """One node. `agent` and its like introduce somebody whom the node learns of through the log."""

    store: Store
    clock: FakeClock
    bus: EventBus
    directory: Directory
    channels: Channels
    messages: Messages
    moderation: Moderation
    reactions: Reactions
    pins: Pins
    mentions: Mentions
    inbox: Inbox
    search: Search
    presence: Presence

    async def agent(
        self, name: str, *, role: Role = Role.MEMBER, kind: Kind = Kind.AGENT, active: bool = True
    ) -> Principal:
        principal = Principal(new_id(self.clock()), kind, name, role, self.clock(), active=active)
        await self.save(principal)
        return principal

    async def save(self, principal: Principal) -> None:
        draft = EventDraft(
            EventKind.PRINCIPAL_CHANGED, self.clock(), subject_id=principal.id, data=principal_row(principal)
        )

        async def save(unit: Unit) -> None:
            await unit.principals.save(principal)
            await unit.events.append([draft])

        await self.store.write(save)

    async def deactivate(self, principal: Principal) -> None:
        await self.save(replace(principal, active=False))

    async def say(self, author: Principal, channel: str, *contents: str) -> list[str]:
        """Post and return the ids; a second passes after each."""
        ids = []
        for content in contents:
            ids.append((await self.messages.post(author, channel, content)).message.id)
            self.clock.forward(1_000_000)
        return ids

    async def unread(self, reader: Principal) -> dict[str, int]:
        return {row.channel.name: row.unread for row in await self.channels.board(reader)}

    async def mentioned(self, reader: Principal, *, unread_only: bool = True) -> list[str]:
        found = await self.mentions.list(reader, unread_only=unread_only)
        return [message.content for _, message, _ in found]

    async def log(self, *kinds: EventKind) -> list[Event]:
        async with self.store.read() as unit:
            events = await unit.events.after(0, 10_000)
        return [event for event in events if not kinds or event.kind in kinds]


class Deaf(MemoryStore):
    """A store as another process sees it: nothing is heard of any commit until `advanced` is called."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._shared = store
        self.advanced: Advanced = lambda _head: None

    def listen(self, committed: Committed, advanced: Advanced) -> None:
        self.advanced = advanced

    def read(self, access: Access = "api") -> AbstractAsyncContextManager[Unit]:
        return self._shared.read(access)

    async def look_up(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        return await self._shared.look_up(work, access)

    async def write(self, work: Callable[[Unit], Awaitable[Result]], access: Access = "api") -> Result:
        return await self._shared.write(work, access)

    async def append(self, draft: MessageDraft) -> Appended:
        return await self._shared.append(draft)


def make_hub(store: Store, clock: FakeClock) -> Hub:
    bus = EventBus(store)
    directory = Directory(store, bus)
    channels = Channels(store, clock, directory)
    messages = Messages(store, clock, directory, channels)
    return Hub(
        store=store,
        clock=clock,
        bus=bus,
        directory=directory,
        channels=channels,
        messages=messages,
        moderation=Moderation(store, clock, directory),
        reactions=Reactions(store, clock, directory, messages),
        pins=Pins(store, clock, channels, messages),
        mentions=Mentions(store, clock, directory),
        inbox=Inbox(store, clock, directory),
        search=Search(store, directory),
        presence=Presence(store, clock),
    )


async def start_hub(store: Store, clock: FakeClock) -> Hub:
    hub = make_hub(store, clock)
    await store.open()
    await hub.bus.start()
    await hub.directory.load()
    return hub


def data(event: Event) -> dict[str, object]:
    loaded: dict[str, object] = orjson.loads(event.data)
    return loaded
