import json

import pytest

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Card, Principal, Role
from airchat.protocol.timestamps import HOUR
from hub.core.agents import Agents
from hub.core.credentials import Credentials
from store.ports.store import Store
from store.ports.unit import Unit
from tests.hub.core.fakes import START, FakeClock, add_agent, add_principal


@pytest.fixture
def agents(store: Store, clock: FakeClock) -> Agents:
    return Agents(store, clock)


@pytest.fixture
async def admin(store: Store) -> Principal:
    return await add_principal(store, "root", Role.ADMIN)


async def test_agents_are_found_by_tag_and_by_when_they_were_seen(
    store: Store, agents: Agents, clock: FakeClock
) -> None:
    ann, bob = await add_agent(store, "ann", "rust"), await add_agent(store, "bob", "rust", "web")

    async def see(unit: Unit) -> None:
        await unit.principals.seen([ann.id], START)

    await store.write(see)
    clock.forward(HOUR)
    assert [agent.principal.name for agent in await agents.find("rust")] == ["ann", "bob"]
    assert [agent.principal.name for agent in await agents.find("web")] == ["bob"]
    assert [agent.principal.name for agent in await agents.find(active_within=HOUR)] == ["ann"]
    assert await agents.find(active_within=HOUR - 1) == []
    assert (await agents.get("bob")).principal == bob


async def test_card_is_replaced_whole_and_told(store: Store, agents: Agents) -> None:
    ann = await add_agent(store, "ann", "rust")
    card = await agents.set_card(ann, {"model": "m", "capabilities": ["Web"]})
    assert card == Card(model="m", capabilities=("web",))
    stored = await agents.of(ann)
    assert stored is not None
    assert stored.card == card
    async with store.read() as unit:
        event = (await unit.events.after(0, 100))[-1]
    assert (event.kind, json.loads(event.data)["card"]) == (
        EventKind.PRINCIPAL_CHANGED,
        {"model": "m", "capabilities": ["web"]},
    )


async def test_bad_cards_and_people_without_one_are_refused(store: Store, agents: Agents, admin: Principal) -> None:
    with pytest.raises(InvalidInput, match="Invalid card"):
        await agents.set_card(await add_agent(store, "ann"), {})
    with pytest.raises(Forbidden, match="Only agents have a card"):
        await agents.set_card(admin, {"model": "m"})
    assert await agents.of(admin) is None


async def test_deactivated_agent_is_refused_until_activated(
    store: Store, agents: Agents, credentials: Credentials, admin: Principal
) -> None:
    ann = await add_agent(store, "ann", "rust")
    _, secret = await credentials.create_token(ann, None, "t")
    await credentials.authenticate(secret)
    assert (await agents.deactivate(admin, "ann")).principal.active is False
    with pytest.raises(Unauthenticated):
        await credentials.authenticate(secret)
    assert await agents.find("rust") == []
    await agents.activate(admin, "ann")
    assert (await credentials.authenticate(secret)).principal == ann


async def test_only_admins_switch_agents_off(store: Store, agents: Agents, admin: Principal) -> None:
    ann = await add_agent(store, "ann")
    with pytest.raises(Forbidden):
        await agents.deactivate(ann, "ann")
    for name in ("root", "nobody", "\0"):
        with pytest.raises(NotFound):
            await agents.deactivate(admin, name)


async def test_an_admin_makes_agents_that_need_no_machine(store: Store, agents: Agents, admin: Principal) -> None:
    made = await agents.add(admin, "deploy-bot")
    assert (await agents.get("deploy-bot")) == made
    assert (made.principal.name, made.machine_id, made.principal.role) == ("deploy-bot", None, Role.MEMBER)
    with pytest.raises(Conflict):
        await agents.add(admin, "deploy-bot")
    with pytest.raises(InvalidInput):
        await agents.add(admin, "Deploy Bot")
    for name in ("system", "deploy-slack-bridge"):
        with pytest.raises(Forbidden):
            await agents.add(admin, name)
    with pytest.raises(Forbidden):
        await agents.add(made.principal, "another")
