from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from airchat.protocol.channels import ModeChange
from airchat.protocol.errors import Forbidden, NotFound
from airchat.protocol.ids import new_id
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Kind, Principal, Role
from hub.core.admission import Refused
from hub.core.posting import Posted
from tests.hub.core.hub import Hub


async def lobby(hub: Hub, *changes: ModeChange) -> Principal:
    """Return the operator of #lobby, a member of which is `inside`."""
    operator = await hub.agent("mac-op")
    channel = await hub.channels.open(operator, "lobby")
    await hub.channels.join(await hub.agent("inside"), "lobby")
    await hub.moderation.change(operator, channel, changes)
    return operator


def named(hub: Hub, name: str) -> Principal:
    principal = hub.directory.principal_by_name(name)
    assert principal is not None
    return principal


async def refused(attempt: Awaitable[Any]) -> str:
    with pytest.raises(Refused) as caught:
        await attempt
    return caught.value.mode


@pytest.mark.parametrize(
    ("change", "mode"),
    [
        (ModeChange(True, "invite_only"), "invite_only"),
        (ModeChange(True, "key", "sesame"), "key"),
        (ModeChange(True, "limit", "2"), "limit"),
        (ModeChange(True, "ban", "EVE!*@*"), "ban"),
        (ModeChange(True, "ban", "$a:e*"), "ban"),
        (ModeChange(True, "ban", "*!*@agent/eve"), "ban"),
        (ModeChange(True, "ban", "nick!~u@host"), "ban"),
    ],
)
async def test_modes_keep_strangers_out_at_every_door(hub: Hub, change: ModeChange, mode: str) -> None:
    await lobby(hub, change)
    eve, source = await hub.agent("eve"), "nick!~u@host"
    await hub.channels.join(named(hub, "inside"), "lobby")
    assert await refused(hub.channels.join(eve, "lobby", "*", source=source)) == mode
    if "~u" not in (change.value or ""):
        assert await refused(hub.messages.read(eve, "lobby")) == mode
    assert await refused(hub.messages.post(eve, "lobby", "hi", source=source)) == mode
    channel = hub.directory.channel_by_name("lobby")
    assert channel is not None
    assert not hub.directory.is_member(eve.id, channel.id)
    await hub.channels.join(eve, "lobby", invited=True)
    assert hub.directory.is_member(eve.id, channel.id)


async def test_key_opens_once_it_is_known(hub: Hub) -> None:
    operator = await lobby(hub, ModeChange(True, "key", "sesame"))
    eve, channel = await hub.agent("eve"), hub.directory.channel_by_name("lobby")
    assert channel is not None
    assert channel.modes == {"key": "*"}
    for key in (None, "*", "Sesame"):
        assert await refused(hub.channels.join(eve, "lobby", key)) == "key"
    with pytest.raises(Forbidden):
        await hub.moderation.key(eve, channel)
    await hub.channels.join(eve, "lobby", "sesame")
    assert await hub.moderation.key(eve, channel) == "sesame"
    await hub.moderation.change(operator, channel, [ModeChange(False, "key", "whatever")])
    assert await hub.moderation.key(eve, channel) is None
    await hub.channels.join(await hub.agent("bob"), "lobby")


@pytest.mark.parametrize(
    ("against", "change"),
    [
        (ModeChange(True, "invite_only"), ModeChange(True, "invitation", "eve!*@*")),
        (ModeChange(True, "ban", "*!*@*"), ModeChange(True, "exception", "eve!*@*")),
        (ModeChange(True, "ban", "*!*@*"), ModeChange(True, "exception", "*!*@home")),
    ],
)
async def test_lists_let_in(hub: Hub, against: ModeChange, change: ModeChange) -> None:
    await lobby(hub, against, change)
    eve, bob = await hub.agent("eve"), await hub.agent("bob")
    await hub.channels.join(eve, "lobby", source="eve!u@home")
    await hub.messages.post(eve, "lobby", "hi", source="eve!u@home")
    assert await refused(hub.channels.join(bob, "lobby")) == against.mode


async def test_whoever_has_authority_may_always_come_in_and_speak(hub: Hub) -> None:
    operator = await lobby(
        hub, *(ModeChange(True, mode) for mode in ("invite_only", "moderated")), ModeChange(True, "ban", "*!*@*")
    )
    await hub.channels.leave(operator, "lobby")
    admin = await hub.agent("admin", role=Role.ADMIN, kind=Kind.PERSON)
    for one in (operator, admin):
        await hub.channels.join(one, "lobby")
        await hub.messages.post(one, "lobby", "hi")


@pytest.mark.parametrize(
    ("change", "mode"),
    [
        (ModeChange(True, "moderated"), "moderated"),
        (ModeChange(True, "op_moderated"), "op_moderated"),
        (ModeChange(True, "ban", "inside!*@*"), "ban"),
        (ModeChange(True, "mute", "inside!*@*"), "mute"),
    ],
)
async def test_members_without_a_voice_are_silent_at_every_door(hub: Hub, change: ModeChange, mode: str) -> None:
    operator = await lobby(hub)
    inside, channel = named(hub, "inside"), hub.directory.channel_by_name("lobby")
    assert channel is not None
    mine = (await hub.messages.post(inside, "lobby", "before", idempotency_key="k")).message
    await hub.moderation.change(operator, channel, [change])
    attempts: list[Callable[[], Awaitable[Any]]] = [
        lambda: hub.messages.post(inside, "lobby", "after"),
        lambda: hub.messages.edit(inside, mine.id, "after"),
        lambda: hub.reactions.add(inside, mine.id, "+1"),
        lambda: hub.pins.add(inside, mine.id),
    ]
    for attempt in attempts:
        assert await refused(attempt()) == mode
    assert (await hub.messages.post(inside, "lobby", "before", idempotency_key="k")).repeated
    await hub.messages.read(inside, "lobby")
    await hub.moderation.change(operator, channel, [ModeChange(True, "voice", inside.id)])
    for attempt in attempts:
        await attempt()
    await hub.messages.delete(inside, mine.id)


async def test_only_members_write_where_it_says_so_but_links_bring_in_what_is_said_elsewhere(hub: Hub) -> None:
    await lobby(hub, ModeChange(True, "members_only"))
    eve = await hub.agent("eve")
    assert await refused(hub.messages.post(eve, "lobby", "hi")) == "members_only"
    await hub.channels.join(eve, "lobby")
    await hub.messages.post(eve, "lobby", "hi")
    ghost = await hub.agent("slack-bob", kind=Kind.GHOST)
    await hub.messages.post(ghost, "lobby", "hi", origin=Origin("slack"))


async def test_channel_for_accounts_and_masks_of_accounts_do_not_mean_guests(hub: Hub) -> None:
    await lobby(hub, ModeChange(True, "registered_only"))
    guest = await hub.agent("eve-guest-00000000", kind=Kind.GHOST)
    assert await refused(hub.channels.join(guest, "lobby")) == "registered_only"
    await hub.channels.join(await hub.agent("eve"), "lobby")
    other = await hub.channels.open(named(hub, "eve"), "other")
    await hub.moderation.change(named(hub, "eve"), other, [ModeChange(True, "ban", "$a:*")])
    await hub.channels.join(guest, "other")


async def test_guest_is_banned_by_the_nick_it_shows(hub: Hub) -> None:
    await lobby(hub, ModeChange(True, "ban", "Eve!*@*"))
    guest = Principal(
        new_id(hub.clock()), Kind.GHOST, "eve-guest-00000000", Role.MEMBER, hub.clock(), display_name="eve"
    )
    await hub.save(guest)
    assert await refused(hub.channels.join(guest, "lobby")) == "ban"
    with pytest.raises(NotFound):
        await hub.channels.join(guest, "elsewhere")


async def test_channel_is_made_with_its_modes(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    channel = await hub.channels.open(alice, "irc", modes={"members_only": True}, metadata={"irc_name": "#IRC"})
    assert (channel.modes, channel.metadata) == ({"members_only": True}, {"irc_name": "#IRC"})
    assert await hub.channels.open(alice, "irc", modes={"moderated": True}) == channel
    assert hub.directory.roles(channel.id, alice.id) == {"operator"}


async def test_message_has_the_id_it_was_given(hub: Hub) -> None:
    alice, _ = await hub.agent("mac-a"), await hub.agent("mac-b")
    ids = [new_id(hub.clock()), new_id(hub.clock())]
    sent: list[Posted] = [
        await hub.messages.post(alice, "general", "hi", message_id=ids[0]),
        await hub.messages.direct(alice, "mac-b", "hi", message_id=ids[1]),
    ]
    assert [one.message.id for one in sent] == ids
    assert (await hub.messages.get(alice, ids[0])).message == sent[0].message
