"""A desk over a hub whose `general` is linked to a channel of Slack, and somebody who asks there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal, Role
from hub.core.agents import Agents
from hub.core.approvals import Approvals
from hub.core.approvers import Approvers
from hub.core.gate import Gate
from hub.core.guards import Guards
from hub.core.history import History
from hub.core.link_codes import LinkCodes
from hub.core.passwords import Passwords
from hub.core.people import People
from hub.core.system import SYSTEM, system_principal
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from hub.relay.commands.cases import Cases
from hub.relay.commands.desk import CommandDesk
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.contract.desk import Command, Place, Press, Reply, Submission
from hub.relay.contract.inbound import User
from hub.relay.links import Links
from hub.relay.mutes import Mutes
from hub.relay.workspaces import Workspaces
from store.memory import MemoryStore
from store.ports.relay import BridgeState, Link
from tests.hub.core.fakes import FakeClock, add_agent
from tests.hub.core.hub import Hub, start_hub

HERE = Place("slack", "T1", "C1")
ELSEWHERE = Place("slack", "T1", "C9")
ALICE = User("U1", "Alice", "https://example.org/alice.png")


@dataclass
class Counter:
    """The desk, and what stands behind it."""

    hub: Hub
    cases: Cases
    desk: CommandDesk
    people: People
    owner: Principal
    link: Link

    async def say(self, text: str, place: Place = HERE, user: User = ALICE, about: str | None = None) -> Reply:
        return await self.desk.command(Command(user, place, text, about))

    async def press(self, action: str, value: str, user: User = ALICE) -> Reply:
        return await self.desk.press(Press(user, HERE, action, value))

    async def submit(self, form: str, place: Place = HERE, user: User = ALICE, **values: str) -> Reply:
        return await self.desk.submit(Submission(user, place, form, values))

    async def written(self, channel: str = "general") -> list[Message]:
        found = self.hub.directory.channel_by_name(channel)
        if found is None:
            return []
        async with self.hub.store.read() as unit:
            return await unit.messages.page(found.id, 100)

    async def person(self, name: str, role: Role = Role.MEMBER, user: User = ALICE) -> Principal:
        """Make an account and make it known as the user's."""
        await self.people.create(self.owner, name, role=role)
        reply = await self.say(f"link {await self.cases.link_codes.create(self.owner, name)}", user=user)
        assert reply.text.startswith("From now on")
        found = self.hub.directory.principal_by_name(name)
        assert found is not None
        return found


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    store, clock = MemoryStore(), FakeClock()
    hub = await start_hub(store, clock)
    await add_agent(store, "wren", "etl")
    await add_agent(store, "sleeper")
    await hub.channels.open(await system_principal(store, clock, SYSTEM), "general")
    links = Links(store, hub.directory, clock)
    link = await links.add("general", "slack", "T1", RemoteChannel("C1", "C1"), source="settings")
    cases = Cases(
        agents=Agents(store, clock),
        approvals=Approvals(store, clock, hub.directory, hub.channels, hub.messages, Approvers(hub.directory)),
        channels=hub.channels,
        clock=clock,
        directory=hub.directory,
        guards=Guards(store, clock, hub.directory, hub.channels, hub.bus, Gate(hub.directory)),
        health=lambda: [BridgeState("slack", "running", 0)],
        history=History(store, hub.directory),
        link_codes=LinkCodes(store, clock),
        links=links,
        messages=hub.messages,
        mutes=Mutes(store, hub.bus, hub.directory, clock),
        presence=hub.presence,
        store=store,
        task_lists=TaskLists(store, hub.channels),
        tasks=Tasks(store, clock, hub.directory, hub.channels),
        workspaces=Workspaces(store, hub.directory, links, clock),
    )
    people = People(store, clock, Passwords.cheap())
    owner = (await people.create(None, "olga", role=Role.OWNER)).principal
    yield Counter(hub, cases, CommandDesk(cases), people, owner, link)
    await hub.bus.close()
    await store.close()


def renamed(user: User, name: str) -> User:
    return replace(user, name=name)
