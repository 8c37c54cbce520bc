"""The relay as a whole, over the loopback platform."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.timestamps import DAY
from bridges.loopback.bridge import LoopbackBridge, loopback_platform
from bridges.loopback.platform import Happening, LoopbackPlatform
from bridges.slack.platform import slack_platform
from hub.core.clock import system_clock
from hub.relay import runner
from hub.relay.contract.bridge import Intake, RawEvent, RemoteChannel
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import AuthFailed, NotReady
from hub.relay.contract.platform import Platform
from hub.relay.inward.inbox import PAYLOAD_LENGTH
from hub.relay.linking import ConfiguredLink
from store.ports.queues import Outgoing, OutgoingKind, OutgoingState, Received
from store.ports.unit import Unit
from tests.fakes.slack import APP_TOKEN, FakeSlack
from tests.hub.relay.hub import Hub, Line
from tests.waiting import eventually


@pytest.fixture
def rooms() -> LoopbackPlatform:
    return LoopbackPlatform()


@pytest.fixture
async def lobby(rooms: LoopbackPlatform, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose `general` is linked to the room `lobby`."""
    hub = Hub(tmp_path, [loopback_platform(rooms)], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(lambda: bool(rooms.listeners))
    await hub.linked()
    yield hub
    await hub.stop()


async def hub_has(hub: Hub, count: int, channel: str = "general") -> None:
    async def has() -> bool:
        return len(await hub.transcript(channel)) == count

    await eventually(has)


async def test_configured_link_carries_both_ways_and_makes_its_channel(lobby: Hub, rooms: LoopbackPlatform) -> None:
    rooms.write("lobby", "Ann", "in")
    rooms.write("elsewhere", "Ann", "not linked")
    await hub_has(lobby, 1)
    await lobby.post("wren", "out")
    await eventually(lambda: len(rooms.posts) == 3)
    assert (rooms.posts[2].room, rooms.posts[2].author, rooms.posts[2].text) == ("lobby", "wren", "out")
    assert await lobby.transcript() == [Line("Ann", "in"), Line("wren", "out")]


async def test_clients_cannot_pretend_to_have_come_over_a_link(lobby: Hub, rooms: LoopbackPlatform) -> None:
    [link] = lobby.relay.links.all()
    author = await lobby.agent("wren")
    await lobby.messages.post(author, "general", "hi", metadata={"relay_link": link.id, "source": "loopback", "a": 1})
    await eventually(lambda: len(rooms.posts) == 1)
    assert (await lobby.find("hi")).metadata == {"a": 1}


async def test_link_made_paused_and_removed_while_running(lobby: Hub, rooms: LoopbackPlatform) -> None:
    await lobby.post("wren", "make it", channel="project-x")
    attic = ConfiguredLink("project-x", "loopback", "attic")
    lobby.relay.reload([*lobby.links, attic])
    await eventually(lambda: len(lobby.relay.links.all()) == 2)
    link = lobby.relay.links.all()[1]
    rooms.write("attic", "Ann", "one")
    await hub_has(lobby, 2, "project-x")

    await lobby.relay.links.pause(link.id, paused=True)
    rooms.write("attic", "Ann", "two")
    await lobby.post("wren", "three", channel="project-x")
    await asyncio.sleep(0.5)
    assert [post.text for post in rooms.posts] == ["one", "two"]
    await lobby.relay.links.pause(link.id, paused=False)
    await hub_has(lobby, 4, "project-x")
    await eventually(lambda: [post.text for post in rooms.posts] == ["one", "two", "three"])

    lobby.relay.reload(lobby.links)
    await eventually(lambda: len(lobby.relay.links.all()) == 1)
    rooms.write("attic", "Ann", "unheard")
    await lobby.post("wren", "stays here", channel="project-x")
    await asyncio.sleep(0.5)
    assert (len(await lobby.transcript("project-x")), len(rooms.posts)) == (5, 4)
    with pytest.raises(NotFound):
        await lobby.relay.links.remove(link.id)


async def test_remote_channel_is_linked_to_one_hub_channel(lobby: Hub) -> None:
    await lobby.post("wren", "make it", channel="project-x")
    with pytest.raises(Conflict):
        await lobby.relay.links.add("project-x", "loopback", "here", RemoteChannel("lobby", "lobby"), source="settings")


async def test_event_that_is_too_long_is_put_aside_and_the_next_one_goes_on(
    lobby: Hub, rooms: LoopbackPlatform
) -> None:
    rooms.write("lobby", "Ann", "x" * PAYLOAD_LENGTH)
    rooms.write("lobby", "Ann", "short")
    await hub_has(lobby, 1)
    assert await lobby.transcript() == [Line("Ann", "short")]


async def test_link_that_cannot_be_made_is_told_and_leaves_the_others_alone(
    slack: FakeSlack, rooms: LoopbackPlatform, tmp_path: Path
) -> None:
    wanted = [ConfiguredLink("general", "slack", "#nowhere"), ConfiguredLink("status", "slack", "general")]
    hub = Hub(tmp_path, [slack_platform("xoxb-fake", APP_TOKEN, slack.api_url, 0.5)], wanted)
    await hub.start()
    await eventually(lambda: hub.relay.health()[0].state == "running")
    assert [link.remote_channel for link in hub.relay.links.all()] == [slack.channel("#general").id]
    assert "general cannot be linked to #nowhere" in (hub.relay.health()[0].detail or "")
    await hub.stop()


async def test_refused_token_stops_its_bridge_alone(slack: FakeSlack, rooms: LoopbackPlatform, tmp_path: Path) -> None:
    broken = slack_platform("xoxb-wrong", APP_TOKEN, slack.api_url, 0.5)
    hub = Hub(tmp_path, [broken, loopback_platform(rooms)], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(
        lambda: {it.platform: it.state for it in hub.relay.health()} == {"slack": "stopped", "loopback": "running"}
    )
    rooms.write("lobby", "Ann", "still here")
    await hub_has(hub, 1)
    await hub.stop()


async def test_bridge_that_breaks_is_made_anew(rooms: LoopbackPlatform, tmp_path: Path) -> None:
    made: list[LoopbackBridge] = []
    closed: list[LoopbackBridge] = []

    class Fragile(LoopbackBridge):
        async def connect(self) -> None:
            made.append(self)
            if len(made) == 1:
                raise NotReady("not yet", 0.01)
            if len(made) == 2:
                raise RuntimeError("a mistake of the program")
            if len(made) == 4:
                raise AuthFailed("enough")

        async def resolve(self, remote: str) -> RemoteChannel:
            if len(made) == 3:
                raise RuntimeError("a mistake while it links")
            return await super().resolve(remote)

        async def run(self, intake: object, desk: Desk) -> None:
            return

        async def close(self) -> None:
            closed.append(self)

    platform = Platform("loopback", lambda: Fragile(rooms))
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(lambda: hub.relay.health()[0].state == "stopped")
    assert len({id(bridge) for bridge in made}) == len(made) == 4
    assert closed == made
    await hub.stop()


async def test_two_hubs_on_one_store_take_turns(lobby: Hub, rooms: LoopbackPlatform, tmp_path: Path) -> None:
    other = Hub(tmp_path, lobby.platforms, lobby.links)
    await other.start()
    rooms.write("lobby", "Ann", "one")
    await hub_has(lobby, 1)
    assert len(rooms.listeners) == 1
    await other.post("wren", "through the other hub")
    await eventually(lambda: len(rooms.posts) == 2)

    await lobby.stop()
    await eventually(lambda: len(rooms.listeners) == 1)
    rooms.write("lobby", "Ann", "two")
    await hub_has(other, 3)
    await other.stop()


async def test_what_is_done_and_old_is_forgotten(
    lobby: Hub, rooms: LoopbackPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.write("lobby", "Ann", "in")
    await hub_has(lobby, 1)
    [link] = lobby.relay.links.all()
    old = system_clock() - 31 * DAY
    event = Received(link.id, "old", "0", "{}", received_at=old)
    sent = Outgoing(link.id, 1, OutgoingKind.MESSAGE, "m", old)

    async def age(unit: Unit) -> None:
        await unit.queues.receive(event)
        await unit.queues.processed(event, old)
        await unit.queues.plan([sent], 0)
        await unit.queues.save_outgoing(replace(sent, state=OutgoingState.SENT, changed_at=old))

    await lobby.store.write(age)
    monkeypatch.setattr(runner, "_PRUNE_BATCH", 1)
    await lobby.restart()

    async def forgotten() -> bool:
        return await lobby.store.write(lambda unit: unit.queues.receive(event))

    await eventually(forgotten)
    async with lobby.store.read() as unit:
        assert await unit.counterparts.of_remote(link.id, rooms.posts[0].id) is not None


async def test_events_that_come_in_the_wrong_order_over_two_connections_are_put_right(
    rooms: LoopbackPlatform, tmp_path: Path
) -> None:
    class Crossed(LoopbackBridge):
        async def run(self, intake: Intake, desk: Desk) -> None:
            intake.listening()
            await asyncio.sleep(1)
            posts = [rooms.write("lobby", "Ann", text) for text in ("first", "second")]
            for post in reversed(posts):
                happening = Happening(post.id, post.room, "post", post.author, post.shown())
                await intake.accept(RawEvent(post.id, post.room, post.id, asdict(happening)))
                await asyncio.sleep(0.05)
            await asyncio.Event().wait()

    platform = Platform("loopback", lambda: Crossed(rooms))
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await hub_has(hub, 2)
    assert await hub.transcript() == [Line("Ann", "first"), Line("Ann", "second")]
    await hub.stop()
