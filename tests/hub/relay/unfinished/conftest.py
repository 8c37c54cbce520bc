"""Answers in tests of the relay: nobody waits long, and a question is there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.timestamps import SECOND
from hub.relay.outward import lanes, outlet, unfinished
from tests.hub.relay.rooms import Rooms, make_rooms
from tests.hub.relay.unfinished.question import Watched, asked, bridge


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than they have to, and nothing is refused or lost yet."""
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.02)
    monkeypatch.setattr(lanes, "_IDLE_SECONDS", 0.02)
    monkeypatch.setattr(lanes, "backoff", lambda _: 0.02)
    monkeypatch.setattr(unfinished, "_AGAIN", SECOND // 20)
    Watched.edits, Watched.fails, Watched.tried, Watched.lost = [], None, 0, False
    Watched.streams = True


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A question in the east, where answers are shown as being written, as they are not in the west."""
    async with asked(make_rooms(tmp_path, create=bridge)) as rooms:
        yield rooms
