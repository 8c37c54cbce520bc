import asyncio
from dataclasses import replace

import pytest

from airchat.protocol.channels import ChannelType, ModeChange
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Kind, Role
from hub.core.direct import ALL_DIRECT, direct_name
from tests.hub.core.hub import Hub, data


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("project-x", ChannelType.PROJECT),
        ("tech-rust", ChannelType.TECHNOLOGY),
        ("env-prod", ChannelType.ENVIRONMENT),
        ("general", ChannelType.GLOBAL),
        ("whatever", ChannelType.PROJECT),
    ],
)
async def test_open_creates_by_prefix(hub: Hub, name: str, type: ChannelType) -> None:
    alice = await hub.agent("mac-a")
    channel = await hub.channels.open(alice, name)
    assert (channel.name, channel.type, channel.created_by) == (name, type, alice.id)
    assert await hub.channels.open(alice, name) == channel
    assert [one.name for one, _ in await hub.channels.members(alice, name)] == ["mac-a"]


@pytest.mark.parametrize("name", ["", "x", "No", "a b", "../etc", "x" * 101, "-x", "direct-messages", "dm-abc", "a\n"])
async def test_open_refuses_names(hub: Hub, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await hub.channels.open(await hub.agent("mac-a"), name)
    assert caught.value.field == "channel"
    assert hub.directory.channels() == []


async def test_open_at_once_by_many_makes_one_channel(hub: Hub) -> None:
    agents = [await hub.agent(f"mac-{number}") for number in range(20)]
    posted = await asyncio.gather(*(hub.messages.post(agent, "project-race", "me first") for agent in agents))
    assert len({one.channel.id for one in posted}) == 1
    assert sorted(one.message.number for one in posted) == list(range(1, 21))
    assert len(await hub.log(EventKind.CHANNEL_CREATED)) == 1


async def test_direct_at_once_by_both_makes_one_channel(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    sent = await asyncio.gather(*(hub.messages.direct(*pair, "hi") for pair in [(alice, "mac-b"), (bob, "mac-a")] * 5))
    assert {one.channel.name for one in sent} == {direct_name([bob.id, alice.id])}
    assert hub.directory.direct_members(sent[0].channel.id) == {alice.id, bob.id}
    assert len(await hub.mentioned(alice)) == len(await hub.mentioned(bob)) == 5


async def test_open_is_limited_for_agents_alone(hub: Hub) -> None:
    agent, person = await hub.agent("mac-a"), await hub.agent("pat", kind=Kind.PERSON)
    await hub.messages.direct(agent, "pat", "does not count")
    results = await asyncio.gather(
        *(hub.channels.open(agent, f"project-{number}") for number in range(25)), return_exceptions=True
    )
    assert sum(isinstance(one, Forbidden) for one in results) == 5
    with pytest.raises(Forbidden, match="at most 20 channels"):
        await hub.messages.post(agent, "one-more", "hi")
    await hub.messages.post(agent, "project-0", "known ones stay open")
    for number in range(21):
        await hub.channels.open(person, f"people-{number}")


async def test_join_and_leave_are_told_once(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = await hub.channels.open(alice, "general")
    hub.clock.forward(1)
    for _ in range(2):
        await hub.channels.join(bob, "general")
    assert hub.directory.is_member(bob.id, channel.id)
    assert [member.name for member, _ in await hub.channels.members(alice, "general")] == ["mac-a", "mac-b"]
    for _ in range(2):
        await hub.channels.leave(bob, "general")
    assert not hub.directory.is_member(bob.id, channel.id)
    told = [(event.kind, event.subject_id) for event in await hub.log(EventKind.MEMBER_JOINED, EventKind.MEMBER_LEFT)]
    assert told == [
        (EventKind.MEMBER_JOINED, alice.id),
        (EventKind.MEMBER_JOINED, bob.id),
        (EventKind.MEMBER_LEFT, bob.id),
    ]
    with pytest.raises(NotFound):
        await hub.channels.join(bob, "missing")


async def test_who_finds_a_guests_channel_empty_looks_after_it(hub: Hub) -> None:
    guest = await hub.agent("ann-guest-0123abcd", kind=Kind.GHOST)
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    place = await hub.channels.open(guest, "lounge")
    await hub.channels.join(alice, "lounge")
    await hub.channels.leave(alice, "lounge")
    await hub.channels.leave(guest, "lounge")
    await hub.deactivate(guest)
    assert hub.channels.is_orphaned(place)
    await hub.channels.join(bob, "lounge")
    assert not hub.channels.is_orphaned(place)
    await hub.channels.join(carol, "lounge")
    members = {one.id: hub.directory.roles(place.id, one.id) for one in (alice, bob, carol)}
    assert members == {alice.id: frozenset(), bob.id: {"operator"}, carol.id: frozenset()}


async def test_guest_comes_where_a_member_invited_it_and_nowhere_else(hub: Hub) -> None:
    alice, guest = await hub.agent("mac-a"), await hub.agent("visitor", kind=Kind.GHOST, role=Role.GUEST)
    place = await hub.channels.open(alice, "general")
    private = await hub.channels.direct_between(alice, alice)
    with pytest.raises(NotFound):
        await hub.channels.join(guest, "general")
    with pytest.raises(NotFound):
        await hub.channels.join(guest, private.name, invited=True)
    assert await hub.channels.join(guest, "general", invited=True) == place
    assert hub.directory.is_member(guest.id, place.id)


async def test_creator_who_comes_back_is_operator_again(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    place = await hub.channels.open(alice, "general")
    await hub.channels.leave(alice, "general")
    await hub.channels.join(bob, "general")
    await hub.channels.join(alice, "general")
    assert hub.directory.roles(place.id, alice.id) == {"operator"}
    assert hub.directory.roles(place.id, bob.id) == frozenset()


async def test_leave_of_a_direct_channel_conflicts(hub: Hub) -> None:
    alice, _ = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = (await hub.messages.direct(alice, "mac-b", "hi")).channel
    for attempt in (hub.channels.leave(alice, channel.name), hub.channels.update(alice, channel.name, topic="us")):
        with pytest.raises(Conflict):
            await attempt


async def test_list_shows_direct_channels_as_one(hub: Hub) -> None:
    alice, bob, _ = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    await hub.say(alice, "project-x", "1")
    await hub.messages.direct(alice, "mac-b", "2")
    hub.clock.forward(1)
    await hub.say(alice, "general", "3")
    await hub.messages.direct(alice, "mac-c", "4")
    await hub.say(bob, "not-hers", "5")
    await hub.channels.update(alice, "project-x", archived=True)
    assert [one.name for one in await hub.channels.list(alice)] == ["project-x", "direct-messages", "general"]
    assert [one.name for one in await hub.channels.list(alice, ChannelType.GLOBAL)] == ["direct-messages", "general"]
    assert await hub.channels.list(alice, ChannelType.DIRECT) == []


async def test_board_folds_direct_channels_and_fills_up_with_others(hub: Hub) -> None:
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    for sender in (bob, carol, bob):
        await hub.messages.direct(sender, "mac-a", f"by {sender.name}")
        hub.clock.forward(1)
    for number in range(16):
        await hub.say(bob, f"project-{number}", "news")
    await hub.channels.open(carol, "silent")
    await hub.say(alice, "project-0", "mine")
    board = await hub.channels.board(alice)
    assert (len(board), board[0].channel, board[0].unread) == (15, ALL_DIRECT, 3)
    assert board[0].latest is not None
    assert board[0].latest.content == "@mac-a by mac-b"
    assert [(row.channel.name, row.joined, row.unread) for row in board[1:4]] == [
        ("project-0", True, 0),
        ("project-15", False, 0),
        ("project-14", False, 0),
    ]
    for number in range(1, 5):
        await hub.channels.join(alice, f"project-{number}")
    assert [row.joined for row in await hub.channels.board(alice)] == [True] * 6


async def test_unread_counts_what_others_say_and_goes_down(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    await hub.say(bob, "general", "joined")
    [gone, *_] = await hub.say(alice, "general", "1", "2", "3")
    assert await hub.unread(bob) == {"general": 3}
    await hub.messages.delete(alice, gone)
    assert await hub.unread(bob) == {"general": 2}
    channel = await hub.channels.resolve(bob, "general")
    assert await hub.channels.mark_read(bob, channel, 3)
    assert not await hub.channels.mark_read(bob, channel, 2)
    assert await hub.unread(bob) == {"general": 1}
    assert await hub.channels.mark_read(bob, channel, 1_000_000)
    assert await hub.unread(bob) == {"general": 0}
    await hub.say(alice, "general", "4")
    assert await hub.unread(bob) == {"general": 1}
    moved = await hub.log(EventKind.READ_MOVED)
    assert [(event.recipient_id, data(event)["number"]) for event in moved] == [(bob.id, 3), (bob.id, 4)]
    assert not hub.directory.may_see_event(alice.id, moved[0])


async def test_update_describes_and_archives(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    admin = await hub.agent("admin", role=Role.ADMIN, kind=Kind.PERSON)
    await hub.channels.open(alice, "general")
    with pytest.raises(Forbidden, match="Only members"):
        await hub.channels.update(bob, "general", topic="mine now")
    await hub.channels.join(bob, "general")
    changed = await hub.channels.update(bob, "general", topic=" ours ", description="what for")
    assert (changed.topic, changed.description) == ("ours", "what for")
    assert hub.directory.channel_by_name("general") == changed
    assert (await hub.channels.update(bob, "general", topic="")).topic is None
    with pytest.raises(Forbidden):
        await hub.channels.update(bob, "general", archived=True)
    await hub.channels.update(admin, "general", archived=True)
    assert (await hub.channels.update(alice, "general", archived=False)).archived is False
    await hub.channels.update(alice, "general", archived=False)
    kinds = [event.kind for event in (await hub.log()) if event.kind.startswith("channel.")]
    assert kinds == [
        EventKind.CHANNEL_CREATED,
        EventKind.CHANNEL_CHANGED,
        EventKind.CHANNEL_CHANGED,
        EventKind.CHANNEL_ARCHIVED,
        EventKind.CHANNEL_UNARCHIVED,
    ]
    async with hub.store.read() as unit:
        assert [entry.action for entry in await unit.audit.page(None, 9)] == ["channel.unarchived", "channel.archived"]


async def test_topic_says_who_set_it_and_when(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    await hub.channels.open(alice, "general")
    set_at = hub.clock()
    changed = await hub.channels.update(alice, "general", topic="ours")
    hub.clock.forward(1)
    assert (changed.topic_by, changed.topic_at) == ("mac-a", set_at)
    assert await hub.channels.update(alice, "general", topic="ours", description="d") == replace(
        changed, description="d"
    )
    assert hub.directory.channel_by_name("general") == replace(changed, description="d")
    gone = await hub.channels.update(alice, "general", topic="")
    assert (gone.topic, gone.topic_by, gone.topic_at) == (None, None, None)


async def test_locked_topic_is_for_operators(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = await hub.channels.open(alice, "general")
    await hub.channels.join(bob, "general")
    for role, allowed in ((None, False), ("voice", False), ("halfop", True)):
        roles = [ModeChange(True, role, bob.id)] if role else []
        await hub.moderation.change(alice, channel, [ModeChange(True, "topic_locked"), *roles])
        attempt = hub.channels.update(bob, "general", topic="mine", description=f"described by a {role}")
        if allowed:
            assert (await attempt).topic == "mine"
        else:
            with pytest.raises(Forbidden, match="Only operators"):
                await attempt
    await hub.channels.update(alice, "general", topic="ours")


async def test_leaving_tells_the_reason(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    await hub.channels.open(alice, "general")
    await hub.channels.leave(alice, "general", "lunch")
    [left] = await hub.log(EventKind.MEMBER_LEFT)
    assert (data(left)["reason"], "kicked_by" in data(left)) == ("lunch", False)


@pytest.mark.parametrize("topic", ["x" * 1_001, "a\x00", "a\x07b", "\ud800"])
async def test_update_refuses_texts(hub: Hub, topic: str) -> None:
    alice = await hub.agent("mac-a")
    await hub.channels.open(alice, "general")
    with pytest.raises(InvalidInput) as caught:
        await hub.channels.update(alice, "general", topic=topic)
    assert caught.value.field == "topic"
