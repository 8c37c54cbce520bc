from dataclasses import replace

from airchat.protocol.principals import Principal
from airchat.protocol.reservations import Reservation
from airchat.protocol.timestamps import SECOND
from store.ports.store import Store
from tests.contract.store.world import World


async def reserve(
    world: World, agent: Principal, pattern: str, project: str = "shop", seconds: int = 60
) -> Reservation:
    made = Reservation(
        world.id(), project, pattern, agent.id, agent.name, seconds, world.now, world.now + seconds * SECOND, "why"
    )
    await world.store.write(lambda unit: unit.reservations.insert(made))
    return made


async def test_reservation_is_kept_until_it_is_deleted(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    made = await reserve(world, ann, "src/ä/**")
    plain = replace(await reserve(world, ann, "docs"), purpose="why")
    renewed = replace(made, lease_seconds=90, expires_at=made.expires_at + 7)
    await store.write(lambda unit: unit.reservations.renew(made.id, 90, renewed.expires_at))
    await store.write(lambda unit: unit.principals.save(replace(ann, name="ann-2")))
    async with store.read() as unit:
        assert await unit.reservations.get(made.id) == replace(renewed, agent_name="ann-2")
        assert await unit.reservations.get(plain.id) == replace(plain, agent_name="ann-2")
        assert await unit.reservations.get(world.id()) is None
    assert await store.write(lambda unit: unit.reservations.delete(made.id))
    assert not await store.write(lambda unit: unit.reservations.delete(made.id))
    async with store.read() as unit:
        assert await unit.reservations.get(made.id) is None


async def test_live_ones_are_listed_by_project_oldest_first_and_others_lapse(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    first = await reserve(world, ann, "a", seconds=100)
    second = await reserve(world, bob, "b", seconds=10)
    other = await reserve(world, ann, "c", "web")
    now = world.now
    async with store.read() as unit:
        assert await unit.reservations.live(now, 10) == [first, second, other]
        assert await unit.reservations.live(now, 2) == [first, second]
        assert await unit.reservations.live(now, 10, "shop") == [first, second]
        assert await unit.reservations.live(second.expires_at, 10, "shop") == [first]
        assert await unit.reservations.live(now, 10, "none") == []
        assert await unit.reservations.count_of(ann.id, now) == 2
        assert await unit.reservations.count_of(bob.id, second.expires_at) == 0
        assert await unit.reservations.lapsed(second.expires_at - 1, 10) == []
        assert await unit.reservations.lapsed(second.expires_at, 10) == [second]
        assert await unit.reservations.lapsed(first.expires_at, 2) == [second, other]
