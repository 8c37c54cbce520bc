"""Which links there are, and that those which take long to make hold up nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge, loopback_platform
from bridges.loopback.platform import LoopbackPlatform
from hub.relay import supervisor
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from hub.relay.rules import Rules
from tests.hub.relay.hub import Hub, Line
from tests.waiting import eventually

GENERAL = ConfiguredLink("general", "loopback", "lobby")


@pytest.fixture
def rooms() -> LoopbackPlatform:
    return LoopbackPlatform()


@pytest.fixture
async def lobby(rooms: LoopbackPlatform, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose `general` is linked to the room `lobby`."""
    hub = Hub(tmp_path, [loopback_platform(rooms)], [GENERAL])
    await hub.start()
    await hub.linked()
    yield hub
    await hub.stop()


def linked(hub: Hub) -> dict[str, tuple[str, str]]:
    """Return by room the hub's channel, and the direction."""
    found = {}
    for link in hub.relay.links.all():
        channel = hub.directory.channel(link.channel_id)
        found[link.remote_channel] = (channel.name if channel else "?", link.direction)
    return found


async def hears(hub: Hub, text: str, channel: str = "general") -> None:
    async def heard() -> bool:
        return text in {line.text for line in await hub.transcript(channel)}

    await eventually(heard)


async def becomes(hub: Hub, wanted: Sequence[ConfiguredLink], expected: dict[str, tuple[str, str]]) -> None:
    hub.relay.reload(wanted)
    await eventually(lambda: linked(hub) == expected, what=lambda: linked(hub))


async def test_room_of_a_link_that_is_changed_is_not_mirrored_any_more(lobby: Hub, rooms: LoopbackPlatform) -> None:
    await becomes(lobby, [ConfiguredLink("general", "loopback", "attic")], {"attic": ("general", "both")})
    rooms.write("lobby", "Ann", "nobody linked this")
    rooms.write("attic", "Ann", "heard")
    await hears(lobby, "heard")
    assert await lobby.transcript() == [Line("Ann", "heard")]


async def test_room_gets_another_channel_of_the_hub(lobby: Hub) -> None:
    await becomes(lobby, [ConfiguredLink("status", "loopback", "lobby")], {"lobby": ("status", "both")})


async def test_link_whose_room_was_renamed_stays_though_the_settings_name_nothing_any_more(
    rooms: LoopbackPlatform, tmp_path: Path
) -> None:
    known = {"lobby": "R1"}

    class Named(LoopbackBridge):
        async def resolve(self, remote: str) -> RemoteChannel:
            if remote not in known:
                raise ConfigError(f"there is no {remote}")
            return RemoteChannel(known[remote], remote)

    hub = Hub(tmp_path, [Platform("loopback", lambda: Named(rooms))], [GENERAL])
    await hub.start()
    await hub.linked()
    [link] = hub.relay.links.all()
    del known["lobby"]
    await hub.relay.links.rename(link.id, "foyer")
    hub.relay.reload([GENERAL])
    await eventually(lambda: "there is no lobby" in (hub.relay.health()[0].detail or ""))
    assert linked(hub) == {"R1": ("general", "both")}
    known["lobby"] = "R2"
    await becomes(hub, [GENERAL], {"R2": ("general", "both")})
    await hub.stop()


async def test_links_of_a_pattern_follow_it(lobby: Hub, rooms: LoopbackPlatform) -> None:
    rooms.write("proj-web", "Ann", "here")
    rooms.write("proj-api", "Ann", "here")
    general = {"lobby": ("general", "both")}
    pattern = ConfiguredLink("project-*", "loopback", "proj-*")
    two = {f"proj-{name}": (f"project-{name}", "both") for name in ("web", "api")}
    await becomes(lobby, [GENERAL, pattern], general | two)
    inwards = ConfiguredLink("project-*", "loopback", "proj-*", "in", Rules(bots=False))
    named = ConfiguredLink("project-web", "loopback", "proj-web", "out")
    expected = {"proj-web": ("project-web", "out"), "proj-api": ("project-api", "in")}
    await becomes(lobby, [GENERAL, inwards, named], general | expected)
    assert {link.remote_channel for link in lobby.relay.links.all() if link.rules.get("bots") is False} == {"proj-api"}
    await becomes(lobby, [GENERAL, ConfiguredLink("project-*", "loopback", "team-*")], general)


async def test_new_links_that_take_long_hold_up_nothing(
    rooms: LoopbackPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_HEAD_START_SECONDS", 0.05)
    let_in = asyncio.Event()

    class Slow(LoopbackBridge):
        async def resolve(self, remote: str) -> RemoteChannel:
            if remote != "lobby":
                await let_in.wait()
            return await super().resolve(remote)

    hub = Hub(tmp_path, [Platform("loopback", lambda: Slow(rooms))], [GENERAL])
    await hub.start()
    await hub.linked()
    await hub.stop()
    hub.links = [ConfiguredLink("attic", "loopback", "attic"), ConfiguredLink("general", "loopback", "lobby", "in")]
    await hub.start()
    rooms.write("lobby", "Ann", "heard at once")
    await hears(hub, "heard at once")
    assert hub.relay.health()[0].state == "running"
    assert linked(hub) == {"lobby": ("general", "in")}
    let_in.set()
    await eventually(lambda: len(linked(hub)) == 2)
    rooms.write("attic", "Ann", "heard as well")
    await hears(hub, "heard as well", "attic")
    await hub.stop()
