from store.ports.store import Store
from tests.contract.store.world import World


async def test_markers_only_move_forward(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")

    async def move(principal_id: str, target: str, at: int) -> int:
        return await store.write(lambda unit: unit.markers.move(principal_id, target, at))

    assert await move(ann.id, "general", 5) == 5
    assert await move(ann.id, "general", 3) == 5
    assert await move(ann.id, "general", 5) == 5
    assert await move(ann.id, "general", 9) == 9
    assert await move(ann.id, "other", 1) == 1
    assert await move(bob.id, "general", 2) == 2
    async with store.read() as unit:
        assert await unit.markers.get(ann.id, "general") == 9
        assert await unit.markers.get(ann.id, "other") == 1
        assert await unit.markers.get(bob.id, "general") == 2
        assert await unit.markers.of(ann.id) == {"general": 9, "other": 1}
        assert await unit.markers.get(bob.id, "other") is None
    await store.write(lambda unit: unit.markers.clear(ann.id))
    async with store.read() as unit:
        assert (await unit.markers.of(ann.id), await unit.markers.of(bob.id)) == ({}, {"general": 2})
    assert await move(ann.id, "general", 1) == 1
