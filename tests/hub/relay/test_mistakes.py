"""What a bridge fails on by mistake is tried a few times and put aside; whatever comes next begins anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import NotReady
from hub.relay.outward import lanes
from tests.hub.relay.rooms import Rooms, make_rooms
from tests.waiting import eventually


class Clumsy(LoopbackBridge):
    """Fails on each post so often as it was told to, and remembers how often it was asked to post it."""

    fails: dict[str, list[Exception]]
    tried: dict[str, int]

    async def post(self, post: outbound.Post, names: Names) -> str:
        Clumsy.tried[post.text] = Clumsy.tried.get(post.text, 0) + 1
        if coming := Clumsy.fails.get(post.text):
            raise coming.pop(0)
        return await super().post(post, names)


def mistakes(count: int) -> list[Exception]:
    return [ValueError("a mistake") for _ in range(count)]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After how many failures in a row it was waited, each time."""
    waited: list[int] = []

    def backoff(failures: int) -> float:
        waited.append(failures)
        return 0.0

    monkeypatch.setattr(lanes, "backoff", backoff)
    monkeypatch.setattr("hub.relay.outward.outlet.SETTLE_SECONDS", 0.0)
    return waited


@pytest.fixture
async def rooms(tmp_path: Path, waits: list[int]) -> AsyncIterator[Rooms]:
    Clumsy.fails, Clumsy.tried = {}, {}
    async with make_rooms(tmp_path, ("east",), create=lambda name, east: Clumsy(east, name)) as rooms:
        yield rooms


async def dead(rooms: Rooms) -> int:
    async with rooms.hub.store.read() as unit:
        return len(await unit.queues.dead_outgoing(9))


def texts(rooms: Rooms) -> list[str]:
    return [post.text for post in rooms.platforms["east"].posts]


async def test_what_comes_after_what_was_put_aside_is_tried_as_often_and_waits_as_short(
    rooms: Rooms, waits: list[int]
) -> None:
    Clumsy.fails = {"bad": mistakes(5), "good": mistakes(4)}
    await rooms.hub.post("wren", "bad")
    await rooms.hub.post("wren", "good")
    await eventually(lambda: texts(rooms) == ["good"])
    assert Clumsy.tried == {"bad": 5, "good": 5}
    assert waits == [1, 2, 3, 4, 1, 2, 3, 4]
    assert await dead(rooms) == 1


async def test_waiting_for_a_platform_makes_nobody_less_patient_with_mistakes(rooms: Rooms, waits: list[int]) -> None:
    Clumsy.fails = {"good": [*(NotReady("it is down") for _ in range(6)), *mistakes(4)]}
    await rooms.hub.post("wren", "good")
    await eventually(lambda: texts(rooms) == ["good"])
    assert waits == list(range(1, 11))
    assert await dead(rooms) == 0
