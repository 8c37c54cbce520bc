from typing import Any

from airchat.protocol.principals import Agent, Card, Kind, Machine
from store.ports.store import Store
from tests.contract.store.world import World


async def agent(world: World, name: str, *capabilities: str, machine: Machine | None = None, **more: Any) -> Agent:
    principal = await world.principal(name, **more)
    card = Card(model="m", capabilities=capabilities) if capabilities else None
    machine_id = machine.id if machine else None
    await world.store.write(lambda unit: unit.agents.save(principal.id, machine_id, None, card))
    return Agent(principal, machine_id, machine.name if machine else None, None, card)


async def test_agent_has_its_machine_and_card(store: Store, world: World) -> None:
    machine = await world.machine("laptop")
    principal = await world.principal("ann")
    card = Card("opus", "claude-code", ("python", "sql"), "subscription")
    await store.write(lambda unit: unit.agents.save(principal.id, machine.id, "Knows SQL", card))
    async with store.read() as unit:
        assert await unit.agents.get(principal.id) == Agent(principal, machine.id, "laptop", "Knows SQL", card)
    await store.write(lambda unit: unit.agents.save(principal.id, None, None, None))
    async with store.read() as unit:
        assert await unit.agents.get(principal.id) == Agent(principal)


async def test_who_is_no_agent_is_not_found(store: Store, world: World) -> None:
    person = await world.principal("person", Kind.PERSON)
    async with store.read() as unit:
        assert await unit.agents.get(person.id) is None
        assert await unit.agents.get(world.id()) is None
        assert await unit.agents.find(None, None, 10) == []


async def test_find_gives_active_agents_most_recently_seen_first(store: Store, world: World) -> None:
    early = await agent(world, "early", "sql", last_seen_at=10)
    never = await agent(world, "never", "sql", "python")
    late = await agent(world, "late", "sql", last_seen_at=30)
    plain = await agent(world, "plain", last_seen_at=20)
    await agent(world, "retired", "sql", active=False, last_seen_at=40)
    await world.principal("person", Kind.PERSON, last_seen_at=50)
    async with store.read() as unit:
        assert await unit.agents.find(None, None, 10) == [late, plain, early, never]
        assert await unit.agents.find(None, None, 2) == [late, plain]
        assert await unit.agents.find("sql", None, 10) == [late, early, never]
        assert await unit.agents.find("python", None, 10) == [never]
        assert await unit.agents.find("sq", None, 10) == []
        assert await unit.agents.find(None, 15, 10) == [late, plain]
        assert await unit.agents.find("sql", 15, 10) == [late]


async def test_find_follows_a_changed_card(store: Store, world: World) -> None:
    ann = await agent(world, "ann", "sql", "python")
    card = Card(capabilities=("python", "rust"))
    await store.write(lambda unit: unit.agents.save(ann.principal.id, None, None, card))
    async with store.read() as unit:
        assert await unit.agents.find("sql", None, 10) == []
        assert await unit.agents.find("rust", None, 10) == [Agent(ann.principal, card=card)]


async def test_agents_of_a_machine(store: Store, world: World) -> None:
    one, other = await world.machine("one"), await world.machine("other")
    zed = await agent(world, "zed", machine=one)
    retired = await agent(world, "retired", machine=one, active=False)
    ann = await agent(world, "ann", "sql", machine=one)
    await agent(world, "bob", machine=other)
    await agent(world, "free")
    async with store.read() as unit:
        assert await unit.agents.of_machine(one.id) == [ann, retired, zed]
        assert await unit.agents.count_active(one.id) == 2
        assert await unit.agents.count_active(other.id) == 1
        assert await unit.agents.count_active(world.id()) == 0
        assert await unit.agents.of_machine(world.id()) == []
