"""What comes in from a platform is taken as far as it can be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.waiting import eventually


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    async with make_rooms(tmp_path, ("east",)) as rooms:
        yield rooms


async def test_characters_that_no_database_keeps_are_replaced(rooms: Rooms) -> None:
    east = rooms.platforms["east"]

    async def read(text: str) -> bool:
        return [shown.text for shown in await rooms.hub_shows()] == [text]

    first = east.write(ROOM, "ann\0", "a\0b")
    await eventually(lambda: read("a\ufffdb"))
    assert await rooms.hub_shows() == [Shown("ann\ufffd", "a\ufffdb")]
    east.edit(first.id, "\0 again", "ann\0")
    await eventually(lambda: read("\ufffd again"))
