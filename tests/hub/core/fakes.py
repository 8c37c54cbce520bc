"""Fakes for tests of use-cases: a clock to turn, and principals without a history."""

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Agent, Card, Kind, Principal, Role
from airchat.protocol.rows import principal_row
from airchat.protocol.timestamps import from_iso
from store.ports.store import Store
from store.ports.unit import Unit

START = from_iso("2026-01-01T00:00:00Z")


class FakeClock:
    """Stands still until it is told how many microseconds pass."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, micros: int) -> None:
        self.now += micros


async def add_principal(
    store: Store, name: str, role: Role = Role.MEMBER, kind: Kind = Kind.PERSON, *, active: bool = True
) -> Principal:
    principal = Principal(new_id(START), kind, name, role, START, active=active)

    async def save(unit: Unit) -> None:
        await unit.principals.save(principal)
        data = principal_row(principal)
        await unit.events.append([EventDraft(EventKind.PRINCIPAL_CHANGED, START, subject_id=principal.id, data=data)])

    await store.write(save)
    return principal


async def add_agent(store: Store, name: str, *capabilities: str) -> Principal:
    principal = await add_principal(store, name, kind=Kind.AGENT)
    agent = Agent(principal, card=Card(capabilities=capabilities) if capabilities else None)

    async def save(unit: Unit) -> None:
        await unit.agents.save(principal.id, None, None, agent.card)

    await store.write(save)
    return principal
