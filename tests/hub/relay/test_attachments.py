"""A platform that breaks off while a file is fetched is asked again for as long as it takes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge
from hub.relay.contract import inbound
from tests.hub.relay.rooms import ROOM, make_rooms
from tests.waiting import eventually

TIMES = 8  # more often than an error that nobody foresaw is tried again


class Breaking(LoopbackBridge):
    """Loses its connection in the midst of a file, at first."""

    broken = 0

    async def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        yield b"half of "
        if self.broken < TIMES:
            self.broken += 1
            raise ConnectionResetError("broken off")
        yield b"it"


async def test_download_that_breaks_off_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.relay.inward.inbox.backoff", lambda _: 0.0)
    async with make_rooms(tmp_path, ("east",), create=lambda name, platform: Breaking(platform, name)) as rooms:
        rooms.platforms["east"].write(ROOM, "ann", "see", files=(("a.txt", b"half of it"),))
        await eventually(lambda: rooms.hub_has(1))
        [message] = await rooms.hub.written()
        [entry] = message.metadata["files"]
        async with rooms.hub.store.read() as unit:
            file = await unit.files.by_path(entry["path"])
        assert file is not None
        assert b"".join([piece async for piece in rooms.hub.files.read(file)]) == b"half of it"
