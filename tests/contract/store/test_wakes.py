from dataclasses import replace

from airchat.protocol.channels import Channel
from airchat.protocol.principals import Kind, Principal
from store.ports.store import Store
from store.ports.wakes import Scope, Wake
from tests.contract.store.world import World


async def wake(
    world: World, channel: Channel, sender: Principal, *woken: Principal, number: int | None = None
) -> list[Wake]:
    """Remember that agents were woken, by a message when it has a number, else by a task."""
    subject = world.id()
    made = [Wake(subject, agent.id, sender.id, channel.id, world.now, number) for agent in woken]
    await world.store.write(lambda unit: unit.wakes.add(made))
    return made


async def test_wakes_are_counted_by_scope_from_a_moment_on(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    general, other = await world.channel("general"), await world.channel("other")
    [first] = await wake(world, general, ann, bob, number=1)
    await wake(world, general, bob, ann, cat, number=2)
    await wake(world, other, ann, bob)
    await store.write(lambda unit: unit.wakes.add([first, replace(first, subject_id=world.id(), woken=False)]))
    async with store.read() as unit:
        assert [await unit.wakes.count(Scope.AGENT, one.id, 0) for one in (ann, bob, cat)] == [1, 2, 1]
        assert [await unit.wakes.count(Scope.SENDER, one.id, 0) for one in (ann, bob, cat)] == [2, 2, 0]
        assert [await unit.wakes.count(Scope.CHANNEL, one.id, 0) for one in (general, other)] == [3, 1]
        assert await unit.wakes.count(Scope.AGENT, bob.id, first.at + 1) == 1
        assert await unit.wakes.between(ann.id, bob.id, 0) == await unit.wakes.between(bob.id, ann.id, 0) == 2
        assert await unit.wakes.between(ann.id, bob.id, first.at + 1) == 1
        assert await unit.wakes.between(ann.id, cat.id, 0) == 0
    await store.write(lambda unit: unit.wakes.forget(first.at + 1))
    async with store.read() as unit:
        assert await unit.wakes.count(Scope.SENDER, ann.id, 0) == 1


async def test_turns_are_messages_that_woke_agents_newest_first(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    general, other = await world.channel("general"), await world.channel("other")
    first = await wake(world, general, ann, bob, cat, number=3)
    second = await wake(world, general, bob, ann, number=7)
    await wake(world, general, bob, ann)
    await wake(world, other, bob, ann, number=9)
    async with store.read() as unit:
        newest = (7, second[0].at, bob.id)
        assert await unit.wakes.turns(general.id, 0, 10) == [newest, (3, first[0].at, ann.id)]
        assert await unit.wakes.turns(general.id, 0, 1) == [newest]
        assert await unit.wakes.turns(general.id, second[0].at, 10) == [newest]
    held = Wake(world.id(), cat.id, ann.id, general.id, world.now, 8, woken=False)
    await store.write(lambda unit: unit.wakes.add([held]))
    later = replace(held, at=world.tick(), woken=True)
    async with store.read() as unit:
        assert (await unit.wakes.turns(general.id, 0, 1))[0] == (8, held.at, ann.id)
        assert await unit.wakes.count(Scope.AGENT, cat.id, 0) == 1
    await store.write(lambda unit: unit.wakes.add([later]))
    async with store.read() as unit:
        assert (await unit.wakes.turns(general.id, 0, 1))[0] == (8, later.at, ann.id)
        assert await unit.wakes.count(Scope.AGENT, cat.id, 0) == 2


async def test_people_and_ghosts_speak_and_nobody_else(store: Store, world: World) -> None:
    bot, system = await world.principal("bot"), await world.principal("sys", Kind.SYSTEM)
    ann, ghost = await world.principal("ann", Kind.PERSON), await world.principal("ghost", Kind.GHOST)
    general, other = await world.channel("general"), await world.channel("other")
    first = await world.post(general, bot)
    for author in (bot, system, await world.principal("ci", Kind.GHOST, bot=True)):
        await world.post(general, author)
    await world.post(other, ann)
    async with store.read() as unit:
        assert not await unit.wakes.spoken_since(general.id, first.number)
        assert not await unit.wakes.spoken_from(general.id, first.created_at)
    for author in (ann, ghost):
        said = await world.post(general, author)
        async with store.read() as unit:
            assert await unit.wakes.spoken_since(general.id, said.number - 1)
            assert not await unit.wakes.spoken_since(general.id, said.number)
            assert await unit.wakes.spoken_from(general.id, said.created_at)
            assert not await unit.wakes.spoken_from(general.id, said.created_at + 1)


async def test_newest_message_for_an_agent_is_one_of_the_channel_before_all_others(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    general, other, third = [await world.channel(name) for name in ("general", "other", "third")]
    await world.post(general, ann, addressees=(world.mentioned(bob),))
    newest = await world.post(general, ann, addressees=(world.mentioned(bob),))
    elsewhere = await world.post(other, ann, addressees=(world.mentioned(bob),))
    async with store.read() as unit:
        assert await unit.wakes.newest_for(bob.id, general.id, 0) == newest.id
        assert await unit.wakes.newest_for(bob.id, third.id, 0) == elsewhere.id
        assert await unit.wakes.newest_for(bob.id, general.id, newest.created_at + 1) == elsewhere.id
        assert await unit.wakes.newest_for(bob.id, general.id, elsewhere.created_at + 1) is None
        assert await unit.wakes.newest_for(ann.id, general.id, 0) is None


async def test_marks_and_notices_stand_until_replaced(store: Store, world: World) -> None:
    general, other = await world.channel("general"), await world.channel("other")

    async def notice(channel: Channel, cause: str, window: int) -> bool:
        return await store.write(lambda unit: unit.wakes.notice(channel.id, cause, window))

    assert await notice(general, "streak", 1)
    assert not await notice(general, "streak", 1)
    assert await notice(general, "pair", 1)
    assert await notice(other, "streak", 1)
    assert await notice(general, "streak", 2)
    assert not await notice(general, "streak", 2)
    await store.write(lambda unit: unit.wakes.unnotice(general.id, "streak"))
    assert await notice(general, "streak", 2)
    assert not await notice(general, "pair", 1)
    for at in (5, 7):
        await store.write(lambda unit, at=at: unit.wakes.mark(general.id, at))  # type: ignore[misc]
    async with store.read() as unit:
        assert (await unit.wakes.marked_at(general.id), await unit.wakes.marked_at(other.id)) == (7, 0)
