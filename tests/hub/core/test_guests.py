import re

import pytest

from airchat.protocol.errors import InvalidInput, Unavailable
from airchat.protocol.events import EventKind
from airchat.protocol.names import is_name
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.timestamps import MINUTE
from hub.core.guests import Guests, is_guest
from tests.hub.core.hub import Hub, data


@pytest.fixture
def guests(hub: Hub) -> Guests:
    return Guests(hub.store, hub.clock, hub.directory)


async def stored(hub: Hub, guest: Principal) -> Principal:
    async with hub.store.read() as unit:
        found = await unit.principals.get(guest.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("nick", "stem"), [("Ann_B|away", "ann-b-away"), ("[]", "somebody"), ("\u00c4", "somebody"), ("x" * 100, "x" * 80)]
)
async def test_guest_has_a_name_of_its_own_and_is_shown_as_its_nick(
    hub: Hub, guests: Guests, nick: str, stem: str
) -> None:
    guest, twin = await guests.enter(nick, Role.MEMBER), await guests.enter(nick)
    assert re.fullmatch(rf"{stem}-guest-[0-9a-f]{{8}}", guest.name)
    assert is_name(guest.name)
    assert guest.name != twin.name
    assert (guest.kind, guest.role, guest.display_name, guest.active) == (Kind.GHOST, Role.MEMBER, nick, True)
    assert twin.role is Role.GUEST
    assert hub.directory.principal(guest.id) == guest
    assert await stored(hub, guest) == guest
    with pytest.raises(InvalidInput):
        await guests.enter(" ")


async def test_guest_keeps_its_name_under_another_nick(hub: Hub, guests: Guests) -> None:
    guest = await guests.enter("ann")
    renamed = await guests.rename(guest, "Anna")
    assert (renamed.id, renamed.name, renamed.display_name) == (guest.id, guest.name, "Anna")
    assert hub.directory.principal(guest.id) == renamed


async def test_guest_leaves_every_channel_at_once(hub: Hub, guests: Guests) -> None:
    ann = await hub.agent("ann")
    guest = await guests.enter("bob", Role.MEMBER)
    for name in ("one", "two", "three"):
        await hub.channels.open(ann, name)
    for name in ("one", "two"):
        await hub.channels.join(guest, name)
    direct = await hub.channels.direct_between(guest, ann)
    await hub.store.write(lambda unit: unit.markers.move(guest.id, direct.id, 5))
    await hub.store.write(lambda unit: unit.markers.move(ann.id, direct.id, 5))
    head = len(await hub.log())

    gone = await guests.retire(guest, "Ping timeout")

    assert not gone.active
    assert not (await stored(hub, guest)).active
    told = (await hub.log())[head:]
    assert [event.kind for event in told] == [EventKind.MEMBER_LEFT, EventKind.MEMBER_LEFT, EventKind.PRINCIPAL_CHANGED]
    left = [(data(event)["channel"], data(event)["quit"], data(event)["reason"]) for event in told[:2]]
    assert sorted(left, key=str) == [("one", True, "Ping timeout"), ("two", True, "Ping timeout")]
    assert [it.name for it in await hub.channels.list(guest)] == ["direct-messages"]
    assert hub.directory.direct_members(direct.id) == {guest.id, ann.id}
    async with hub.store.read() as unit:
        assert (await unit.markers.of(guest.id), await unit.markers.of(ann.id)) == ({}, {direct.id: 5})

    assert await guests.retire(guest) == gone
    assert len(await hub.log()) == head + 3


async def test_guests_of_a_hub_that_died_are_retired_by_the_next(hub: Hub, guests: Guests) -> None:
    lost = await guests.enter("lost")
    retired = await guests.retire(await guests.enter("gone"))
    bridged = await hub.agent("bob-slack", kind=Kind.GHOST)
    alike = await hub.agent("ann-guest-00000000", kind=Kind.PERSON)
    after = Guests(hub.store, hub.clock, hub.directory)
    here = await after.enter("here")

    hub.clock.forward(10 * MINUTE)
    assert await after.sweep() == 0
    hub.clock.forward(1)
    assert await after.sweep() == 1
    assert await after.sweep() == 0

    active = {it.id: (await stored(hub, it)).active for it in (lost, retired, bridged, alike, here)}
    assert active == {lost.id: False, retired.id: False, bridged.id: True, alike.id: True, here.id: True}
    assert [is_guest(it) for it in (lost, bridged, alike)] == [True, False, False]


async def test_guest_who_could_not_be_retired_is_forgotten_later(
    hub: Hub, guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = await guests.enter("ann")

    async def full(_work: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(hub.store, "write", full)
        with pytest.raises(Unavailable):
            await guests.retire(guest)
    await guests.beat()
    assert (await stored(hub, guest)).active
    hub.clock.forward(11 * MINUTE)
    assert await guests.sweep() == 1
    assert not (await stored(hub, guest)).active


async def test_guests_of_another_hub_that_lives_stay(hub: Hub, guests: Guests) -> None:
    guest, other = await guests.enter("ann"), Guests(hub.store, hub.clock, hub.directory)
    for _ in range(5):
        hub.clock.forward(4 * MINUTE)
        await guests.beat()
        assert await other.sweep() == 0
    assert (await stored(hub, guest)).last_seen_at == hub.clock()
    await guests.retire(guest)
    await guests.beat()
