"""A connection that is dead or deaf is found and replaced, and what it missed is made up for."""

import asyncio
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge, loopback_platform
from bridges.loopback.platform import LoopbackPlatform
from hub.relay import supervisor
from hub.relay.contract.bridge import Intake, LinkedChannel, RawEvent
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import NotReady
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from tests.hub.relay.hub import Hub
from tests.waiting import eventually


class Deaf(LoopbackBridge):
    """Hears nothing once it is told so, though its connection stays; a probe finds it, or hangs."""

    made = 0
    deaf = False
    hangs = False

    async def connect(self) -> None:
        Deaf.made += 1
        Deaf.deaf = False

    async def run(self, intake: Intake, desk: Desk) -> None:
        await super().run(_Ears(intake), desk)

    async def probe(self) -> None:
        if Deaf.deaf:
            if Deaf.hangs:
                await asyncio.Event().wait()
            raise NotReady("it is deaf", 0.01)


class _Ears:
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def accept(self, event: RawEvent) -> None:
        if not Deaf.deaf:
            await self._intake.accept(event)

    def listening(self) -> None:
        self._intake.listening()

    def seen(self) -> None:
        if not Deaf.deaf:
            self._intake.seen()

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        await self._intake.save_cursor(channel, cursor)

    async def close(self, what: str, seconds: float) -> None:
        await self._intake.close(what, seconds)

    def closed_for(self, what: str) -> float:
        return self._intake.closed_for(what)


@pytest.mark.parametrize("hangs", [False, True])
async def test_deaf_connection_is_replaced_and_its_gap_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.setattr(supervisor, "PROBE_SECONDS", 1.0)
    Deaf.made, Deaf.hangs = 0, hangs
    rooms = LoopbackPlatform()
    platform = Platform("loopback", lambda: Deaf(rooms), silence_seconds=0.3)
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(lambda: bool(rooms.listeners))
    await asyncio.sleep(0.8)
    assert Deaf.made == 1  # silent, but alive
    Deaf.deaf = True
    rooms.write("lobby", "Ann", "does anybody hear me?")

    async def heard() -> bool:
        return [it.content for it in await hub.written()] == ["does anybody hear me?"]

    await eventually(heard)
    assert Deaf.made == 2
    await hub.stop()


async def test_lane_that_waits_delays_no_other(tmp_path: Path) -> None:
    class Stuck(LoopbackBridge):
        async def connect(self) -> None:
            raise NotReady("away", 3600)

    away, here = LoopbackPlatform(), LoopbackPlatform()
    hub = Hub(
        tmp_path,
        [Platform("away", lambda: Stuck(away, "away")), loopback_platform(here, "here")],
        [ConfiguredLink("general", "here", "lobby"), ConfiguredLink("general", "away", "lobby")],
    )
    await hub.start()
    await eventually(lambda: bool(here.listeners))
    await hub.post("wren", "anybody there?")
    await eventually(lambda: [post.text for post in here.posts] == ["anybody there?"])
    assert {it.platform: it.state for it in hub.relay.health()} == {"away": "waiting", "here": "running"}
    await hub.stop()


async def test_what_keeps_a_link_waiting_stands_in_the_bridges_state_until_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_NEWS_SECONDS", 0.05)
    rooms, shut = LoopbackPlatform(), ["#lobby: it is full (+l); ask its operators"]

    class Shut(LoopbackBridge):
        async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
            if shut:
                raise NotReady(shut[0], 0.05)

    platform = Platform("loopback", lambda: Shut(rooms))
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(lambda: hub.relay.health()[0].detail == shut[0])
    assert hub.relay.health()[0].state == "running"
    shut.clear()
    await eventually(lambda: hub.relay.health()[0].detail is None)
    await hub.stop()
