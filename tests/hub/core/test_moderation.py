import pytest

from airchat.protocol.channels import LIST_LENGTH, ROLES, Channel, ModeChange
from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Kind, Principal, Role
from tests.hub.core.hub import Deaf, Hub, data, start_hub


async def place(hub: Hub, *names: str) -> tuple[Channel, dict[str, Principal]]:
    """Return a channel that nobody of these members made; who is called as a role has it."""
    maker = await hub.agent("maker")
    channel = await hub.channels.open(maker, "lobby")
    members = {name: await hub.agent(name) for name in names}
    for member in members.values():
        await hub.channels.join(member, "lobby")
    roles = [ModeChange(True, name, member.id) for name, member in members.items() if name in ROLES]
    await hub.moderation.change(maker, channel, roles)
    return channel, members


async def test_modes_are_changed_and_told_in_one_event(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = await hub.channels.open(alice, "general")
    await hub.channels.join(bob, "general")
    changes = [
        ModeChange(True, "moderated"),
        ModeChange(True, "key", "sesame"),
        ModeChange(True, "limit", "07"),
        ModeChange(True, "ban", "eve!*@*"),
        ModeChange(True, "voice", bob.id),
        ModeChange(False, "secret"),
        ModeChange(True, "ban", "EVE!*@*"),
    ]
    made = await hub.moderation.change(alice, channel, changes)
    assert made == [*changes[:2], ModeChange(True, "limit", "7"), *changes[3:5]]
    [event] = await hub.log(EventKind.CHANNEL_MODES_CHANGED)
    told = data(event)
    entry = {"mask": "eve!*@*", "by": "mac-a", "at": hub.clock()}
    assert told["modes"] == {"moderated": True, "key": "*", "limit": 7, "bans": [entry]}
    assert told["changes"] == [
        [True, "moderated", None, None],
        [True, "key", "*", "*"],
        [True, "limit", "7", "7"],
        [True, "ban", "eve!*@*", "eve!*@*"],
        [True, "voice", bob.id, "mac-b"],
    ]
    assert hub.directory.roles(channel.id, bob.id) == {"voice"}
    assert hub.directory.roles(channel.id, alice.id) == {"operator"}
    assert hub.directory.channel_by_name("general").modes == told["modes"]  # type: ignore[union-attr]
    assert await hub.moderation.change(alice, channel, changes) == []
    assert len(await hub.log(EventKind.CHANNEL_MODES_CHANGED)) == 1


async def test_roles_and_modes_are_taken_away(hub: Hub) -> None:
    channel, members = await place(hub, "operator", "bob")
    operator, bob = members["operator"], members["bob"]
    added = [
        ModeChange(True, "secret"),
        ModeChange(True, "limit", "5"),
        ModeChange(True, "mute", "a!*@*"),
        ModeChange(True, "mute", "b!*@*"),
        ModeChange(True, "voice", bob.id),
        ModeChange(True, "halfop", bob.id),
    ]
    await hub.moderation.change(operator, channel, added)
    async with hub.store.read() as unit:
        membership = await unit.channels.membership(channel.id, bob.id)
    assert membership is not None
    assert membership.role == "halfop,voice"
    removed = [
        ModeChange(False, "secret"),
        ModeChange(False, "limit"),
        ModeChange(False, "mute", "A!*@*"),
        ModeChange(False, "halfop", bob.id),
    ]
    assert await hub.moderation.change(operator, channel, removed) == removed
    assert hub.directory.roles(channel.id, bob.id) == {"voice"}
    current = hub.directory.channel(channel.id)
    assert current is not None
    assert {kind: [one["mask"] for one in entries] for kind, entries in current.modes.items()} == {"mutes": ["b!*@*"]}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (ModeChange(True, "nonsense"), InvalidInput),
        (ModeChange(True, "ban"), InvalidInput),
        (ModeChange(True, "ban", "a b"), InvalidInput),
        (ModeChange(True, "ban", "a\nb"), InvalidInput),
        (ModeChange(True, "ban", "x" * 251), InvalidInput),
        (ModeChange(True, "key", ""), InvalidInput),
        (ModeChange(True, "key", "x" * 65), InvalidInput),
        (ModeChange(True, "limit", "0"), InvalidInput),
        (ModeChange(True, "limit", "-1"), InvalidInput),
        (ModeChange(True, "limit", "\u0663"), InvalidInput),
        (ModeChange(True, "limit", "1" * 10), InvalidInput),
        (ModeChange(True, "voice"), NotFound),
        (ModeChange(True, "voice", "nobody"), NotFound),
    ],
)
async def test_change_that_cannot_be_undoes_those_before_it(
    hub: Hub, change: ModeChange, error: type[HubError]
) -> None:
    channel, members = await place(hub, "operator", "bob")
    changes = [ModeChange(True, "moderated"), ModeChange(True, "voice", members["bob"].id), change]
    with pytest.raises(error):
        await hub.moderation.change(members["operator"], channel, changes)
    assert hub.directory.channel(channel.id) == channel
    assert hub.directory.roles(channel.id, members["bob"].id) == frozenset()
    async with hub.store.read() as unit:
        assert await unit.channels.get(channel.id) == channel


async def test_list_is_bounded(hub: Hub) -> None:
    channel, members = await place(hub, "operator")
    full = [ModeChange(True, "ban", f"a{number}!*@*") for number in range(LIST_LENGTH)]
    await hub.moderation.change(members["operator"], channel, full)
    with pytest.raises(Conflict):
        await hub.moderation.change(members["operator"], channel, [ModeChange(True, "ban", "b!*@*")])
    await hub.moderation.change(members["operator"], channel, [ModeChange(True, "exception", "b!*@*")])
    assert await hub.moderation.change(members["operator"], channel, full[:1]) == []


@pytest.mark.parametrize(
    ("name", "grants", "modes", "removes"),
    [
        ("founder", set(ROLES), True, {"admin", "operator", "halfop", "voice", "bob"}),
        ("admin", {"operator", "halfop", "voice"}, True, {"operator", "halfop", "voice", "bob"}),
        ("operator", {"operator", "halfop", "voice"}, True, {"operator", "halfop", "voice", "bob"}),
        ("halfop", {"voice"}, False, {"voice", "bob"}),
        ("voice", set(), False, set()),
        ("bob", set(), False, set()),
        ("maker", set(ROLES), True, {*ROLES, "bob"}),
        ("boss", set(ROLES), True, {*ROLES, "bob"}),
    ],
)
async def test_who_may_do_what(hub: Hub, name: str, grants: set[str], modes: bool, removes: set[str]) -> None:
    channel, members = await place(hub, *ROLES, "bob", "carl")
    await hub.agent("boss", role=Role.ADMIN, kind=Kind.PERSON)
    actor, others = hub.directory.principal_by_name(name), []
    assert actor is not None
    for role in [*ROLES, "bob"]:  # another of each, so that nobody meets themselves
        twin = await hub.agent(f"{role}-2")
        await hub.channels.join(twin, "lobby")
        maker = hub.directory.principal_by_name("maker")
        assert maker is not None
        await hub.moderation.change(maker, channel, [ModeChange(True, role, twin.id)] if role in ROLES else [])
        others.append((role, twin))

    async def done(*changes: ModeChange) -> bool:
        try:
            return bool(await hub.moderation.change(actor, channel, changes))
        except Forbidden:
            return False

    async def kicked(target: Principal) -> bool:
        try:
            await hub.moderation.kick(actor, channel, target)
        except Forbidden:
            return False
        return True

    granted = {role for role in ROLES if await done(ModeChange(True, role, members["carl"].id))}
    assert granted == grants
    assert await done(ModeChange(True, "moderated")) is modes
    assert await done(ModeChange(True, "ban", "x!*@*")) is modes
    assert {role for role, twin in others if await kicked(twin)} == removes


async def test_own_role_can_be_laid_down(hub: Hub) -> None:
    channel, members = await place(hub, "voice", "operator")
    for name, member in members.items():
        change = ModeChange(False, name, member.id)
        assert await hub.moderation.change(member, channel, [change]) == [change]
    with pytest.raises(Forbidden):
        await hub.moderation.change(members["operator"], channel, [ModeChange(True, "secret")])


async def test_kick_is_told_with_who_did_it_and_why(hub: Hub) -> None:
    channel, members = await place(hub, "operator", "bob")
    operator, bob = members["operator"], members["bob"]
    await hub.moderation.kick(operator, channel, bob, "flooding")
    assert not hub.directory.is_member(bob.id, channel.id)
    [left] = await hub.log(EventKind.MEMBER_LEFT)
    assert (left.actor_id, left.subject_id, left.channel_id) == (operator.id, bob.id, channel.id)
    told = data(left)
    assert (told["name"], told["kicked_by"], told["reason"]) == ("bob", "operator", "flooding")
    async with hub.store.read() as unit:
        [entry] = await unit.audit.page(None, 9)
    assert (entry.action, entry.actor_id, entry.subject) == ("member.kicked", operator.id, bob.id)
    with pytest.raises(NotFound):
        await hub.moderation.kick(operator, channel, bob)
    await hub.channels.join(bob, "lobby")
    assert hub.directory.roles(channel.id, bob.id) == frozenset()


async def test_roles_end_with_the_membership(hub: Hub) -> None:
    channel, members = await place(hub, "operator")
    await hub.channels.leave(members["operator"], "lobby")
    await hub.channels.join(members["operator"], "lobby")
    assert hub.directory.roles(channel.id, members["operator"].id) == frozenset()
    with pytest.raises(Forbidden):
        await hub.moderation.change(members["operator"], channel, [ModeChange(True, "secret")])


async def test_renamed_channel_is_found_by_its_new_name_alone(hub: Hub) -> None:
    channel, members = await place(hub, "operator", "bob")
    await hub.say(members["bob"], "lobby", "before")
    renamed = await hub.moderation.rename(
        members["operator"], channel, "hall", "bigger", metadata={"irc_name": "#Hall"}
    )
    assert (renamed.id, renamed.name, renamed.metadata) == (channel.id, "hall", {"irc_name": "#Hall"})
    assert hub.directory.channel_by_name("hall") == hub.directory.channel(channel.id) == renamed
    assert hub.directory.channel_by_name("lobby") is None
    page = await hub.messages.read(members["bob"], "hall")
    assert [message.content for message in page.messages] == ["before"]
    with pytest.raises(NotFound):
        await hub.channels.resolve(members["bob"], "lobby")
    [told] = [data(event) for event in await hub.log(EventKind.CHANNEL_RENAMED)]
    assert (told["name"], told["old_name"], told["new_name"], told["reason"]) == ("hall", "lobby", "hall", "bigger")
    await hub.moderation.rename(members["operator"], renamed, "hall")
    assert len(await hub.log(EventKind.CHANNEL_RENAMED)) == 1
    again = await hub.channels.open(members["bob"], "lobby")
    assert again.id != channel.id
    with pytest.raises(Conflict):
        await hub.moderation.rename(members["operator"], renamed, "lobby")
    for name in ("No", "direct-messages", "dm-abc"):
        with pytest.raises(InvalidInput):
            await hub.moderation.rename(members["operator"], renamed, name)
    with pytest.raises(Forbidden):
        await hub.moderation.rename(members["bob"], renamed, "mine")


async def test_direct_conversation_is_not_moderated(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = (await hub.messages.direct(alice, "mac-b", "hi")).channel
    for attempt in (
        hub.moderation.change(alice, channel, [ModeChange(True, "moderated")]),
        hub.moderation.kick(alice, channel, bob),
        hub.moderation.rename(alice, channel, "ours"),
    ):
        with pytest.raises(Conflict):
            await attempt


async def test_another_hub_follows_and_a_new_one_loads(hub: Hub) -> None:
    here, there = await start_hub(Deaf(hub.store), hub.clock), Deaf(hub.store)
    channel, members = await place(hub, "operator", "voice", "bob")
    await hub.moderation.change(
        members["operator"],
        channel,
        [ModeChange(True, "key", "sesame"), ModeChange(False, "voice", members["voice"].id)],
    )
    await hub.moderation.kick(members["operator"], channel, members["bob"])
    store = here.store
    assert isinstance(store, Deaf)
    store.advanced(hub.bus.head)
    await here.bus.wait(hub.bus.head - 1)
    late = await start_hub(there, hub.clock)
    for one in (hub, here, late):
        known = one.directory.channel(channel.id)
        assert known is not None
        assert known.modes == {"key": "*"}
        assert one.directory.members(channel.id) == hub.directory.members(channel.id)
        assert [one.directory.roles(channel.id, member.id) for member in members.values()] == [
            {"operator"},
            frozenset(),
            frozenset(),
        ]
    await here.bus.close()
    await late.bus.close()
