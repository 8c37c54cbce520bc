from dataclasses import replace

from airchat.protocol.channels import Channel, ChannelType, Membership
from store.ports.store import Store
from tests.contract.store.world import World


async def test_channel_is_found_by_id_and_name_as_it_was_made(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    made = Channel(
        id=world.id(),
        name="tech-rust",
        type=ChannelType.TECHNOLOGY,
        created_at=world.now,
        created_by=ann.id,
        description="Ferris",
        topic="1.0 😀",
        metadata={"links": ["a", {"b": None}]},
        modes={"moderated": True, "key": "sésame", "bans": [{"mask": "eve!*@*", "by": "ann", "at": 1}]},
        topic_by="ann",
        topic_at=world.now,
    )
    assert await store.write(lambda unit: unit.channels.insert(made))
    async with store.read() as unit:
        assert await unit.channels.get(made.id) == made
        assert await unit.channels.by_name("tech-rust") == made
        assert await unit.channels.get("tech-rust") is None
        assert await unit.channels.by_name(made.id) is None


async def test_second_channel_of_a_name_changes_nothing(store: Store, world: World) -> None:
    first = await world.channel("general", description="first")
    second = replace(first, id=world.id(), description="second")
    assert not await store.write(lambda unit: unit.channels.insert(second))
    async with store.read() as unit:
        assert await unit.channels.all() == [first]
        assert await unit.channels.get(second.id) is None


async def test_save_replaces_only_what_can_change(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, other = await world.channel("general"), await world.channel("other")
    await world.post(channel, ann)
    wanted = replace(
        channel,
        description="d",
        topic="t",
        metadata={"k": 1},
        archived=True,
        modes={"limit": 3},
        topic_by="ann",
        topic_at=world.now,
    )
    await store.write(
        lambda unit: unit.channels.save(replace(wanted, name="renamed", created_at=1, type=ChannelType.PROJECT))
    )
    async with store.read() as unit:
        assert await unit.channels.get(channel.id) == replace(wanted, last_number=1)
        assert await unit.channels.get(other.id) == other


async def test_all_lists_every_channel_by_name(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    for name in ("z1", "general-2", "general", "general2", "a-b", "ab", "0"):
        await world.channel(name)
    await world.direct(ann, bob)
    async with store.read() as unit:
        names = [channel.name for channel in await unit.channels.all()]
    assert names == ["0", "a-b", "ab", "dm-ann-bob", "general", "general-2", "general2", "z1"]


async def test_count_created_by_leaves_out_direct_and_other_peoples(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    for name, creator in (("one", ann), ("two", ann), ("three", bob)):
        await world.channel(name, created_by=creator.id)
    direct = Channel(world.id(), "dm", ChannelType.DIRECT, world.now, created_by=ann.id)
    await store.write(lambda unit: unit.channels.insert(direct))
    async with store.read() as unit:
        assert await unit.channels.count_created_by(ann.id) == 2
        assert await unit.channels.count_created_by(world.id()) == 0


async def test_members_and_memberships_in_join_order(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    one, two = await world.channel("one"), await world.channel("two")
    joined = [await world.join(*pair) for pair in ((two, cat), (two, ann), (one, cat), (two, bob), (one, ann))]
    async with store.read() as unit:
        assert await unit.channels.members(two.id) == [joined[0], joined[1], joined[3]]
        assert await unit.channels.memberships_of(cat.id) == [joined[0], joined[2]]
        assert await unit.channels.membership(one.id, ann.id) == joined[4]
        assert await unit.channels.membership(one.id, bob.id) is None


async def test_all_members_of_all_channels(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    one, two = await world.channel("one"), await world.channel("two")
    direct = await world.direct(ann, bob)
    joined = [await world.join(*pair) for pair in ((two, bob), (one, bob), (one, ann))]
    async with store.read() as unit:
        everybody = await unit.channels.all_members()
        of_direct = await unit.channels.members(direct.id)
    assert sorted(everybody, key=lambda row: row.joined_at) == [*of_direct, *joined]


async def test_joining_twice_keeps_the_first_membership(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first = Membership(channel.id, ann.id, world.tick(), role="owner", read_number=3, read_at=world.now)
    assert await store.write(lambda unit: unit.channels.join(first))
    assert not await store.write(lambda unit: unit.channels.join(Membership(channel.id, ann.id, world.tick())))
    async with store.read() as unit:
        assert await unit.channels.members(channel.id) == [first]


async def test_roles_of_one_member_are_replaced(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel, other = await world.channel("general"), await world.channel("other")
    joined, kept = await world.join(channel, ann), [await world.join(channel, bob), await world.join(other, ann)]
    assert await store.write(lambda unit: unit.channels.set_role(channel.id, ann.id, "operator,voice"))
    assert not await store.write(lambda unit: unit.channels.set_role(other.id, bob.id, "operator"))
    async with store.read() as unit:
        assert await unit.channels.membership(channel.id, ann.id) == replace(joined, role="operator,voice")
        assert await unit.channels.members(channel.id) == [replace(joined, role="operator,voice"), kept[0]]
        assert await unit.channels.members(other.id) == kept[1:]


async def test_renamed_channel_keeps_all_but_its_name(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, other = await world.channel("general", topic="t"), await world.channel("other")
    message = await world.post(channel, ann)
    assert await store.write(lambda unit: unit.channels.rename(channel.id, "lobby"))
    assert not await store.write(lambda unit: unit.channels.rename(channel.id, "other"))
    assert not await store.write(lambda unit: unit.channels.rename(world.id(), "elsewhere"))
    async with store.read() as unit:
        assert await unit.channels.by_name("lobby") == replace(channel, name="lobby", last_number=1)
        assert await unit.channels.by_name("general") is None
        assert await unit.channels.get(other.id) == other
        assert await unit.messages.get(message.id) == message
    again = replace(other, id=world.id(), name="general")
    assert await store.write(lambda unit: unit.channels.insert(again))


async def test_leave(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel, other = await world.channel("general"), await world.channel("other")
    await world.join(channel, ann)
    kept = [await world.join(channel, bob), await world.join(other, ann)]
    assert await store.write(lambda unit: unit.channels.leave(channel.id, ann.id))
    assert not await store.write(lambda unit: unit.channels.leave(channel.id, ann.id))
    async with store.read() as unit:
        assert await unit.channels.members(channel.id) == kept[:1]
        assert await unit.channels.memberships_of(ann.id) == kept[1:]


async def test_read_number_never_moves_back(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    joined, other = await world.join(channel, ann), await world.join(channel, bob)

    async def mark(principal_id: str, number: int, at: int) -> bool:
        return await store.write(lambda unit: unit.channels.mark_read(channel.id, principal_id, number, at))

    at = world.tick()
    assert await mark(ann.id, 5, at)
    assert not await mark(ann.id, 5, world.tick())
    assert not await mark(ann.id, 4, world.tick())
    assert not await mark(world.id(), 9, world.tick())
    async with store.read() as unit:
        assert await unit.channels.members(channel.id) == [replace(joined, read_number=5, read_at=at), other]
