from typing import Any

from airchat.protocol.principals import Principal
from airchat.protocol.usage import Tokens, UsageSource, Used
from store.ports.store import Store
from store.ports.unit import Unit
from store.ports.usage import Spent, UsageLine
from store.ports.wakes import Scope
from tests.contract.store.world import World

TURN, REPORT, SERVED = UsageSource.TURN, UsageSource.REPORT, UsageSource.SERVED


async def use(world: World, agent: Principal, source: UsageSource = TURN, **more: Any) -> bool:
    fields: dict[str, Any] = {"model": "m", "tokens": Tokens(10, 5, 100, 1), "turns": 1} | more
    used = Used(world.id(), agent.id, world.now, source, **fields)
    return await world.store.write(lambda unit: unit.usage.add(used))


async def spent(store: Store, scope: Scope, scope_id: str, since: int = 0) -> Spent:
    async with store.read() as unit:
        return await unit.usage.spent(scope, scope_id, since)


async def test_spent_is_what_models_used_by_scope(store: Store, world: World) -> None:
    ann, bob, channel = await world.principal("ann"), await world.principal("bob"), await world.channel("general")
    about: dict[str, Any] = {"channel_id": channel.id, "sender_id": bob.id}
    assert await use(world, ann, cost_micros=300, **about)
    between = world.now + 1
    assert await use(world, ann, REPORT, turns=0, **about)
    assert await use(world, ann, SERVED, turns=0, tokens=Tokens(1_000_000))
    assert await use(world, bob, cost_micros=7)
    assert await spent(store, Scope.AGENT, ann.id) == Spent(1, 32, 300)
    assert await spent(store, Scope.AGENT, ann.id, between) == Spent(0, 16, 0)
    assert await spent(store, Scope.CHANNEL, channel.id) == await spent(store, Scope.SENDER, bob.id)
    assert await spent(store, Scope.SENDER, bob.id) == Spent(1, 32, 300)
    assert await spent(store, Scope.AGENT, world.id()) == Spent()


async def test_report_under_a_known_key_counts_once(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    assert await use(world, ann, key="turn-1")
    assert not await use(world, ann, key="turn-1")
    assert await use(world, bob, key="turn-1")
    assert await use(world, ann)
    assert await use(world, ann)
    assert (await spent(store, Scope.AGENT, ann.id)).turns == 3


async def test_lines_sum_up_by_agent_model_and_source(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    await use(world, ann, model="b", cost_micros=5)
    await use(world, ann, model="b", cost_micros=6)
    await use(world, ann, model="b")
    await use(world, ann, model="a")
    await use(world, ann, REPORT, model="b")
    end = world.tick()
    await use(world, bob)
    counts = Tokens(10, 5, 100, 1)
    mine = [
        UsageLine(ann.id, "a", TURN, counts, 1, None),
        UsageLine(ann.id, "b", REPORT, counts, 1, None),
        UsageLine(ann.id, "b", TURN, Tokens(30, 15, 300, 3), 3, 11),
    ]
    async with store.read() as unit:
        assert await unit.usage.lines(ann.id, 0, end) == mine
        assert await unit.usage.lines(None, 0, end) == mine
        assert len(await unit.usage.lines(None, 0, end + 10_000_000)) == 4
        assert [line.agent_id for line in await unit.usage.lines(None, end, end + 10_000_000)] == [bob.id]
    await store.write(lambda unit: unit.usage.forget(end))
    async with store.read() as unit:
        assert await unit.usage.lines(ann.id, 0, end) == []


async def test_session_keeps_its_newest_counts(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    for count in (1, 2):
        tokens = Tokens(count, 0, count, 0)
        await store.write(lambda unit, tokens=tokens: unit.usage.save_session(ann.id, "s", "m", tokens, 7))  # type: ignore[misc]
    async with store.read() as unit:
        assert await unit.usage.session(ann.id, "s", "m") == Tokens(2, 0, 2, 0)
        assert await unit.usage.session(ann.id, "s", "other") is None
        assert await unit.usage.session(bob.id, "s", "m") is None


async def test_session_of_which_nothing_was_heard_is_forgotten(store: Store, world: World) -> None:
    ann = await world.principal("ann")

    async def report(unit: Unit) -> None:
        for session_id, at in (("old", 9), ("new", 10), ("renewed", 1), ("renewed", 10)):
            await unit.usage.save_session(ann.id, session_id, "m", Tokens(1), at)

    await store.write(report)
    await store.write(lambda unit: unit.usage.forget(10))
    async with store.read() as unit:
        found = [it for it in ("old", "new", "renewed") if await unit.usage.session(ann.id, it, "m") is not None]
    assert found == ["new", "renewed"]
