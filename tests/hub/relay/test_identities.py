"""Who stands for whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.ids import new_id
from airchat.protocol.principals import Kind, Principal, Role
from hub.core.clock import system_clock
from hub.relay.contract.inbound import User
from hub.relay.identities import Identities
from tests.hub.relay.hub import Hub

ANN = User("U1", "Ann Smith", "https://pictures.example/ann")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path, [], [])
    await hub.start()
    yield hub
    await hub.stop()


async def of(hub: Hub) -> Identities:
    return await hub.relay.workspaces.of("slack", "T1")


async def person(hub: Hub, name: str) -> Principal:
    made = Principal(new_id(system_clock()), Kind.PERSON, name, Role.ADMIN, system_clock())
    await hub.store.write(lambda unit: unit.principals.save(made))
    await hub.directory.load()
    return made


async def test_stranger_becomes_a_ghost_that_follows_their_name(hub: Hub) -> None:
    identities = await of(hub)
    ghost = await identities.principal_of(ANN)
    assert (ghost.kind, ghost.role, ghost.name, ghost.display_name) == (
        Kind.GHOST,
        Role.MEMBER,
        "ann-smith-slack",
        "Ann Smith",
    )
    renamed = await identities.principal_of(User("U1", "Ann"))
    assert (renamed.id, renamed.name, renamed.display_name) == (ghost.id, "ann-smith-slack", "Ann")
    assert identities.remote_id_of("ann-smith-slack") == "U1"
    namesake = await identities.principal_of(User("U2", "Ann Smith"))
    assert namesake.name == "ann-smith-slack-2"


async def test_person_stands_for_a_bound_user_until_they_are_released(hub: Hub) -> None:
    identities = await of(hub)
    ghost = await identities.principal_of(ANN)
    ann = await person(hub, "ann")
    await identities.bind(ANN, ann)
    assert (await identities.principal_of(ANN)).id == ann.id
    assert (identities.remote_id_of("ann"), identities.remote_id_of(ghost.name)) == ("U1", None)

    again = Identities(hub.store, hub.directory, hub.relay.links, system_clock, platform="slack", workspace="T1")
    await again.load()
    assert again.user_of(ann.id) == "U1"

    stranger = await identities.release(ANN)
    assert stranger.kind is Kind.GHOST
    assert (await identities.principal_of(ANN)).id == stranger.id
    assert identities.remote_id_of("ann") is None


async def test_address_that_the_platform_vouches_for_makes_the_person_known(hub: Hub) -> None:
    identities = await of(hub)
    ann = await person(hub, "ann")
    await hub.store.write(lambda unit: unit.people.save(ann.id, "Ann@Example.org"))
    before = await identities.principal_of(User("U0", "Ann"))
    assert before.kind is Kind.GHOST
    known = await identities.principal_of(User("U1", "Ann", email="ann@example.ORG"))
    assert (known.id, identities.remote_id_of("ann")) == (ann.id, "U1")
    assert (await identities.principal_of(User("U2", "Bob", email="bob@example.org"))).kind is Kind.GHOST
    assert (await identities.principal_of(User("U3", "Eve", email=""))).kind is Kind.GHOST
    assert (await identities.release(User("U1", "Ann", email="ann@example.org"))).kind is Kind.GHOST
    await identities.load()
    assert (await identities.principal_of(User("U1", "Ann", email="ann@example.org"))).kind is Kind.GHOST


async def test_bot_is_told_from_people_as_long_as_it_is_one(hub: Hub) -> None:
    identities = await of(hub)
    bot = await identities.principal_of(User("B1:CI", "CI", bot=True))
    assert (bot.kind, bot.bot, bot.automatic) == (Kind.GHOST, True, True)
    assert not (await identities.principal_of(ANN)).automatic
    person_after_all = await identities.principal_of(User("B1:CI", "CI"))
    assert (person_after_all.id, person_after_all.bot) == (bot.id, False)
    assert (await identities.principal_of(User("B1:CI", "CI", bot=True))).bot
    known = hub.directory.principal(bot.id)
    assert known is not None
    assert known.bot
    await identities.bind(User("B1:CI", "CI", bot=True), await person(hub, "ann"))
    assert not (await identities.principal_of(User("B1:CI", "CI", bot=True))).automatic
