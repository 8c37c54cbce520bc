import pytest

from airchat.protocol.channels import Membership
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Role
from hub.core.metadata import METADATA_KEYS, METADATA_VALUE_LENGTH, Metadata
from tests.hub.core.hub import Hub, data


@pytest.fixture
def metadata(hub: Hub) -> Metadata:
    return Metadata(hub.store, hub.clock, hub.directory)


async def test_own_values_are_read_by_all_and_told_to_all(hub: Hub, metadata: Metadata) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    assert await metadata.set(ann, ann, "color", "#f00") is True
    assert await metadata.set(ann, ann, "color", "#f00") is False
    assert await metadata.set(ann, ann, "nothing", None) is False
    assert await metadata.get(bob, ann) == {"color": "#f00"}
    assert await metadata.set(ann, ann, "color", None) is True
    assert await metadata.get(bob, ann) == {}

    events = await hub.log(EventKind.METADATA_CHANGED)
    rows = [
        {"subject": ann.id, "kind": "principal", "name": "ann", "key": "color", "value": one} for one in ("#f00", None)
    ]
    assert [data(event) for event in events] == rows
    assert [(event.actor_id, event.subject_id, event.channel_id) for event in events] == [(ann.id, ann.id, None)] * 2
    assert hub.directory.may_see_event(bob.id, events[0])


async def test_other_peoples_values_are_for_admins(hub: Hub, metadata: Metadata) -> None:
    ann, bob, chief = await hub.agent("ann"), await hub.agent("bob"), await hub.agent("chief", role=Role.ADMIN)
    with pytest.raises(Forbidden):
        await metadata.set(bob, ann, "color", "x")
    await metadata.set(chief, ann, "color", "x")
    with pytest.raises(Forbidden):
        await metadata.clear(bob, ann)
    assert await metadata.clear(chief, ann) == ["color"]


async def test_channel_values_are_for_its_operators(hub: Hub, metadata: Metadata) -> None:
    ann, bob, cat = [await hub.agent(name) for name in ("ann", "bob", "cat")]
    chief = await hub.agent("chief", role=Role.OWNER)
    channel = await hub.channels.open(ann, "general")
    membership = Membership(channel.id, bob.id, hub.clock(), "operator,voice")
    await hub.store.write(lambda unit: unit.channels.join(membership))
    await hub.channels.join(cat, "general")
    for actor, value in ((ann, "1"), (bob, "2"), (chief, "3")):
        assert await metadata.set(actor, channel, "url", value) is True
    with pytest.raises(Forbidden):
        await metadata.set(cat, channel, "url", "4")
    assert await metadata.get(cat, channel) == {"url": "3"}
    event = (await hub.log(EventKind.METADATA_CHANGED))[0]
    assert (event.channel_id, event.subject_id) == (channel.id, channel.id)
    assert data(event) == {"subject": channel.id, "kind": "channel", "name": "general", "key": "url", "value": "1"}


async def test_conversations_of_others_are_unknown(hub: Hub, metadata: Metadata) -> None:
    ann, _, cat = [await hub.agent(name) for name in ("ann", "bob", "cat")]
    channel = (await hub.messages.direct(ann, "bob", "hello")).channel
    for refused in (
        metadata.get(cat, channel),
        metadata.set(cat, channel, "color", "x"),
        metadata.clear(cat, channel),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_clear_tells_of_every_key(hub: Hub, metadata: Metadata) -> None:
    ann = await hub.agent("ann")
    for key in ("b", "a"):
        await metadata.set(ann, ann, key, "x")
    assert await metadata.clear(ann, ann) == ["a", "b"]
    assert await metadata.clear(ann, ann) == []
    events = await hub.log(EventKind.METADATA_CHANGED)
    assert [(data(event)["key"], data(event)["value"]) for event in events[2:]] == [("a", None), ("b", None)]


@pytest.mark.parametrize("key", ["", "A", "ä", "a b", "x" * 65, "a\n"])
async def test_keys_that_are_none(hub: Hub, metadata: Metadata, key: str) -> None:
    ann = await hub.agent("ann")
    with pytest.raises(InvalidInput):
        await metadata.set(ann, ann, key, "x")


@pytest.mark.parametrize("value", ["x" * (METADATA_VALUE_LENGTH + 1), "a\nb", "a\rb", "a\0b"])
async def test_values_that_are_none(hub: Hub, metadata: Metadata, value: str) -> None:
    ann = await hub.agent("ann")
    with pytest.raises(InvalidInput):
        await metadata.set(ann, ann, "key", value)


async def test_keys_are_limited_in_number(hub: Hub, metadata: Metadata) -> None:
    ann = await hub.agent("ann")
    for number in range(METADATA_KEYS):
        await metadata.set(ann, ann, f"key-{number}", "x" * METADATA_VALUE_LENGTH)
    with pytest.raises(Conflict):
        await metadata.set(ann, ann, "one-more", "x")
    assert await metadata.set(ann, ann, "key-0", "another") is True
    await metadata.set(ann, ann, "key-1", None)
    assert await metadata.set(ann, ann, "one-more", "x") is True


async def test_private_keys_are_their_principals_alone(hub: Hub, metadata: Metadata) -> None:
    ann, bob, chief = await hub.agent("ann"), await hub.agent("bob"), await hub.agent("chief", role=Role.ADMIN)
    await metadata.set(ann, ann, "private/note", "secret")
    await metadata.set(ann, ann, "color", "red")
    assert await metadata.get(ann, ann) == {"private/note": "secret", "color": "red"}
    assert await metadata.get(bob, ann) == await metadata.get(chief, ann) == {"color": "red"}
    assert await metadata.of(ann, [ann], ["private/note", "color"]) == {ann.id: {"color": "red"}}
    told, _ = await hub.log(EventKind.METADATA_CHANGED)
    assert [hub.directory.may_see_event(one.id, told) for one in (ann, bob)] == [True, False]
    channel = (await hub.messages.post(ann, "general", "hello")).channel
    with pytest.raises(InvalidInput):
        await metadata.set(ann, channel, "private/note", "x")
