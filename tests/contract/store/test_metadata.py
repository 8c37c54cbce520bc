from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def test_values_by_subject_and_key(store: Store, world: World) -> None:
    one, other = world.id(), world.id()

    async def put(subject: str, key: str, value: str | None) -> bool:
        return await store.write(lambda unit: unit.metadata.set(subject, key, value))

    assert await put(one, "color", "red") is True
    assert await put(one, "color", "red") is False
    assert await put(one, "color", "bleu é 🙂") is True
    assert await put(one, "a.b", "") is True
    assert await put(one, "a-b", "x") is True
    assert await put(other, "color", "green") is True
    assert await put(one, "nothing", None) is False
    assert await put(one, "a-b", None) is True
    async with store.read() as unit:
        assert list((await unit.metadata.all(one)).items()) == [("a.b", ""), ("color", "bleu é 🙂")]
        assert await unit.metadata.all(other) == {"color": "green"}
        assert await unit.metadata.all(world.id()) == {}


async def test_of_finds_some_keys_of_some_subjects(store: Store, world: World) -> None:
    one, other, third, empty = world.id(), world.id(), world.id(), world.id()

    async def fill(unit: Unit) -> None:
        for subject in (one, other, third):
            for key in ("url", "avatar", "color"):
                await unit.metadata.set(subject, key, f"{key} é")

    await store.write(fill)
    values = {"avatar": "avatar é", "url": "url é"}
    async with store.read() as unit:
        assert await unit.metadata.of([one, other, empty], {"url", "avatar", "none"}) == {one: values, other: values}
        assert await unit.metadata.of([one], set()) == {}
        assert await unit.metadata.of([], {"url"}) == {}


async def test_clear_removes_all_of_one_subject(store: Store, world: World) -> None:
    one, other = world.id(), world.id()

    async def fill(unit: Unit) -> None:
        for key in ("url", "avatar", "a_b"):
            await unit.metadata.set(one, key, "x")
            await unit.metadata.set(other, key, "x")

    await store.write(fill)
    assert await store.write(lambda unit: unit.metadata.clear(one)) == ["a_b", "avatar", "url"]
    assert await store.write(lambda unit: unit.metadata.clear(one)) == []
    async with store.read() as unit:
        assert await unit.metadata.all(one) == {}
        assert sorted(await unit.metadata.all(other)) == ["a_b", "avatar", "url"]
