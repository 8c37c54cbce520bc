from airchat.protocol.messages import Message, Reaction
from airchat.protocol.principals import Principal
from store.ports.store import Store
from tests.contract.store.world import World


async def test_reactions_are_kept_once_and_in_order(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    one, two, other = [await world.post(channel, ann) for _ in range(3)]

    def reaction(message: Message, principal: Principal, emoji: str) -> Reaction:
        return Reaction(message.id, principal.id, principal.name, emoji, world.tick())

    made = [
        reaction(one, bob, "👍"),
        reaction(two, ann, "🎉"),
        reaction(one, ann, "👍"),
        reaction(one, bob, "party-parrot"),
        reaction(other, bob, "👍"),
    ]
    for each in made:
        assert await store.write(lambda unit, each=each: unit.messages.react(each))  # type: ignore[misc]
    again = reaction(one, bob, "👍")
    assert not await store.write(lambda unit: unit.messages.react(again))

    async with store.read() as unit:
        assert await unit.messages.reactions([two.id, one.id]) == made[:4]
        assert await unit.messages.reactions([]) == []


async def test_only_the_own_reaction_is_taken_back(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    message = await world.post(channel, ann)
    kept = Reaction(message.id, ann.id, "ann", "👍", world.tick())
    gone = Reaction(message.id, bob.id, "bob", "👍", world.tick())
    for each in (kept, gone):
        await store.write(lambda unit, each=each: unit.messages.react(each))  # type: ignore[misc]

    assert await store.write(lambda unit: unit.messages.unreact(message.id, bob.id, "👍"))
    assert not await store.write(lambda unit: unit.messages.unreact(message.id, bob.id, "👍"))
    assert not await store.write(lambda unit: unit.messages.unreact(message.id, ann.id, "🎉"))
    async with store.read() as unit:
        assert await unit.messages.reactions([message.id]) == [kept]
    assert await store.write(lambda unit: unit.messages.react(gone))
