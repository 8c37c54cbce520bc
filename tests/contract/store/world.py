"""Fills a store with principals, channels and messages; each is one second younger than the one before."""

from dataclasses import dataclass
from typing import Any

from airchat.protocol.channels import Channel, ChannelType, Membership
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind, Machine, Principal, Role
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import SECOND
from store.ports.messages import Addressee, MessageDraft
from store.ports.relay import Link
from store.ports.store import Store

START = 1_770_000_000 * SECOND


@dataclass
class World:
    """A store and a clock that moves on with everything made."""

    store: Store
    now: int = START

    def tick(self) -> int:
        """Move the clock on by a second."""
        self.now += SECOND
        return self.now

    def id(self) -> str:
        """Return a new id."""
        return new_id(self.tick())

    async def principal(self, name: str, kind: Kind = Kind.AGENT, **more: Any) -> Principal:
        """Save somebody."""
        made = Principal(id=self.id(), kind=kind, name=name, role=Role.MEMBER, created_at=self.now, **more)
        await self.store.write(lambda unit: unit.principals.save(made))
        return made

    async def machine(self, name: str) -> Machine:
        """Save a machine."""
        made = Machine(id=self.id(), name=name, public_key="ab" * 32, created_at=self.now)
        await self.store.write(lambda unit: unit.machines.save(made), access="registration")
        return made

    async def channel(self, name: str, **more: Any) -> Channel:
        """Insert a public channel without members."""
        made = Channel(id=self.id(), name=name, type=ChannelType.GLOBAL, created_at=self.now, **more)
        assert await self.store.write(lambda unit: unit.channels.insert(made))
        return made

    async def direct(self, one: Principal, other: Principal) -> Channel:
        """Insert the direct channel of two principals and let both in."""
        name = f"dm-{one.name}-{other.name}"
        made = Channel(id=self.id(), name=name, type=ChannelType.DIRECT, created_at=self.now)
        assert await self.store.write(lambda unit: unit.channels.insert(made))
        for party in (one, other):
            await self.join(made, party)
        return made

    async def join(self, channel: Channel, principal: Principal) -> Membership:
        """Let somebody in."""
        made = Membership(channel.id, principal.id, joined_at=self.tick())
        assert await self.store.write(lambda unit: unit.channels.join(made))
        return made

    def draft(self, channel: Channel, author: Principal, content: str = "hello", **more: Any) -> MessageDraft:
        """Return a message to be written."""
        return MessageDraft(
            id=self.id(),
            channel=channel,
            author_id=author.id,
            author_name=author.name,
            content=content,
            created_at=self.now,
            **more,
        )

    def mentioned(self, principal: Principal) -> Addressee:
        """Return somebody whom a message mentions: with a mention and an inbox item."""
        return Addressee(principal.id, InboxKind.MENTION, mention_id=self.id(), inbox_id=self.id())

    async def post(self, channel: Channel, author: Principal, content: str = "hello", **more: Any) -> Message:
        """Append a message."""
        return (await self.store.append(self.draft(channel, author, content, **more))).message

    async def task(self, channel: Channel, creator: Principal, title: str = "task", **more: Any) -> Task:
        """Insert a task."""
        made = Task(
            id=self.id(), channel_id=channel.id, title=title, created_by=creator.id, created_at=self.now, **more
        )
        await self.store.write(lambda unit: unit.tasks.insert(made))
        return made


async def linked(world: World, remote_channel: str, **more: Any) -> Link:
    """Save a link of a channel made for it."""
    channel = await world.channel(f"linked-{remote_channel.lower()}")
    made = Link(world.id(), channel.id, "slack", "T1", remote_channel, world.now, **more)
    await world.store.write(lambda unit: unit.relay.save_link(made))
    return made
