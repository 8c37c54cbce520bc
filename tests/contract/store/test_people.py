from airchat.protocol.principals import Kind
from store.ports.people import Person
from store.ports.store import Store
from tests.contract.store.world import World


async def test_people_have_accounts(store: Store, world: World) -> None:
    zoe = await world.principal("zoe", Kind.PERSON)
    ann = await world.principal("ann", Kind.PERSON)
    agent = await world.principal("agent")
    for principal, email in ((zoe, "zoe@example.org"), (ann, None)):
        await store.write(lambda unit, who=principal, email=email: unit.people.save(who.id, email))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.people.get(zoe.id) == Person(zoe, "zoe@example.org")
        assert await unit.people.get(agent.id) is None
        assert await unit.people.all() == [Person(ann), Person(zoe, "zoe@example.org")]


async def test_saving_again_replaces_the_address(store: Store, world: World) -> None:
    ann = await world.principal("ann", Kind.PERSON)
    for email in ("old@example.org", "new@example.org"):
        await store.write(lambda unit, email=email: unit.people.save(ann.id, email))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.people.all() == [Person(ann, "new@example.org")]
