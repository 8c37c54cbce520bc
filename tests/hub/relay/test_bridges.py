"""Bridges as they are administered, while they run."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.principals import Principal, Role
from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.bridges import Bridges
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import Refused
from hub.relay.linking import ConfiguredLink
from hub.relay.rules import Rules, rules_of
from tests.hub.relay.rooms import ROOM, Rooms, make_rooms
from tests.waiting import eventually


class Picky(LoopbackBridge):
    """Refuses what is said to be refused, as long as it is told to."""

    refuses = True

    async def post(self, post: outbound.Post, names: Names) -> str:
        if Picky.refuses and "refuse" in post.text:
            raise Refused("it is not to our taste")
        return await super().post(post, names)


def picky(name: str, rooms: LoopbackPlatform) -> LoopbackBridge:
    return Picky(rooms, name)


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    Picky.refuses = True
    async with make_rooms(tmp_path, ("east",), create=picky) as rooms:
        yield rooms


@pytest.fixture
async def owner(rooms: Rooms) -> Principal:
    return await system_principal(rooms.hub.store, system_clock, SYSTEM)


@pytest.fixture
def bridges(rooms: Rooms) -> Bridges:
    return Bridges(rooms.hub.store, system_clock, rooms.hub.directory)


async def links(rooms: Rooms) -> dict[str, str]:
    return {
        channel.name: link.remote_channel
        for link in rooms.hub.relay.links.all()
        if (channel := rooms.hub.directory.channel(link.channel_id)) is not None
    }


async def test_link_that_is_asked_for_is_made_and_goes_when_it_is_not(
    rooms: Rooms, bridges: Bridges, owner: Principal
) -> None:
    wanted = await bridges.link(owner, "project-x", "east", "attic", rules=Rules(ignore=("Bob",)))
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 2)
    east = rooms.platforms["east"]
    east.write("attic", "Bob", "ignored")
    east.write("attic", "Ann", "heard")
    await eventually(lambda: "project-x" in {it.name for it in rooms.hub.directory.channels()})

    async def heard() -> bool:
        return [it.content for it in await rooms.hub.written("project-x")] == ["heard"]

    await eventually(heard)
    [linked] = [it for it in (await bridges.overview(owner)).links if it.channel == "project-x"]
    assert (linked.link.source, linked.link.remote_name) == (wanted.id, "attic")
    await bridges.unlink(owner, linked.link.id)
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 1)
    assert (await bridges.overview(owner)).wanted == []


async def test_pattern_links_what_fits_from_either_side_and_nothing_private(
    rooms: Rooms, bridges: Bridges, owner: Principal
) -> None:
    east = rooms.platforms["east"]
    east.private.add("proj-secret")
    for room in ("proj-web", "proj-secret", "other"):
        east.write(room, "Ann", "here")
    await rooms.hub.post("wren", "there", channel="project-api")
    await bridges.link(owner, "project-*", "east", "proj-*")
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 2)
    assert await links(rooms) == {"general": ROOM, "project-web": "proj-web"}
    east.write("proj-api", "Ann", "there as well now")
    rooms.hub.relay.reload(rooms.hub.links)
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 3)
    assert (await links(rooms))["project-api"] == "proj-api"


async def test_links_of_a_pattern_follow_the_settings_and_part_with_what_becomes_private(rooms: Rooms) -> None:
    east = rooms.platforms["east"]
    for room in ("proj-web", "proj-api"):
        east.write(room, "Ann", "here")
    named = ConfiguredLink("project-api", "east", "proj-api", direction="out")

    async def linked(wanted: dict[str, tuple[str, bool]], *configured: ConfiguredLink) -> None:
        rooms.hub.relay.reload(configured)

        def found() -> dict[str, tuple[str, bool]]:
            return {it.remote_channel: (it.direction, rules_of(it).bots) for it in rooms.hub.relay.links.all()}

        await eventually(lambda: found() == wanted)

    both = ConfiguredLink("project-*", "east", "proj-*")
    inwards = ConfiguredLink("project-*", "east", "proj-*", direction="in", rules=Rules(bots=False))
    await linked({"proj-web": ("both", True), "proj-api": ("out", True)}, both, named)
    before = {it.id for it in rooms.hub.relay.links.all()}
    await linked({"proj-web": ("in", False), "proj-api": ("out", True)}, inwards, named)
    assert {it.id for it in rooms.hub.relay.links.all()} == before
    east.private.add("proj-web")
    await linked({"proj-api": ("out", True)}, inwards, named)


async def test_links_of_the_settings_follow_them(rooms: Rooms, bridges: Bridges, owner: Principal) -> None:
    [link] = rooms.hub.relay.links.all()
    with pytest.raises(Conflict, match=r"hub\.toml"):
        await bridges.unlink(owner, link.id)
    inwards, other = ConfiguredLink("general", "east", ROOM, direction="in"), ConfiguredLink("status", "east", "x")
    rooms.hub.relay.reload([inwards, other])
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 2)
    assert rooms.hub.relay.links.all()[0] == replace(link, direction="in")
    rooms.hub.relay.reload([other])
    await eventually(lambda: len(rooms.hub.relay.links.all()) == 1)
    assert await links(rooms) == {"status": "x"}


async def test_private_room_is_never_linked(rooms: Rooms, bridges: Bridges, owner: Principal) -> None:
    rooms.platforms["east"].private.add("cellar")
    await bridges.link(owner, "status", "east", "cellar")

    def told() -> bool:
        return "cellar is private" in (rooms.hub.relay.health()[0].detail or "")

    await eventually(told)
    assert await links(rooms) == {"general": ROOM}


async def test_what_is_refused_is_put_aside_and_can_be_tried_again(
    rooms: Rooms, bridges: Bridges, owner: Principal
) -> None:
    east = rooms.platforms["east"]
    await rooms.hub.post("wren", "please refuse")
    await rooms.hub.post("wren", "fine")
    await eventually(lambda: [post.text for post in east.posts] == ["fine"])
    [letter] = await bridges.dead(owner)
    assert (letter.direction, letter.error) == ("out", "it is not to our taste")
    Picky.refuses = False
    assert await bridges.replay(owner, [letter.id]) == 1
    await eventually(lambda: [post.text for post in east.posts] == ["fine", "please refuse"])
    assert await bridges.dead(owner) == []
    with pytest.raises(NotFound):
        await bridges.replay(owner, [letter.id])


async def test_members_and_wrong_words_are_refused(rooms: Rooms, bridges: Bridges, owner: Principal) -> None:
    member = replace(await rooms.hub.agent("wren"), role=Role.MEMBER)
    with pytest.raises(Forbidden, match="may not manage bridges"):
        await bridges.overview(member)
    for words in (("a b", "east", "x"), ("general", "E", "x"), ("general", "east", "x*"), ("a*b", "east", "*x*")):
        with pytest.raises(InvalidInput):
            await bridges.link(owner, *words)
    with pytest.raises(NotFound):
        await bridges.unlink(owner, "nothing")
