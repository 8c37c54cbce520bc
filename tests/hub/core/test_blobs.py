import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from airchat.protocol.errors import NotFound, TooLarge, Unavailable
from hub.core.blobs import Blob, Blobs

DATA = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "blobs"


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return Blobs(folder)


async def chunks(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def nothing(_: Sequence[str]) -> list[str]:
    return []


async def everything(hashes: Sequence[str]) -> Sequence[str]:
    return hashes


async def content(blobs: Blobs, sha256: str) -> bytes:
    return b"".join([piece async for piece in blobs.read(sha256)])


def kept(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]


def modes(folder: Path) -> set[tuple[bool, int]]:
    return {(path.is_dir(), path.stat().st_mode & 0o777) for path in [folder, *folder.rglob("*")]}


async def test_bytes_come_back_and_lie_under_their_hash(folder: Path, blobs: Blobs) -> None:
    assert await blobs.put(chunks(DATA), len(DATA)) == Blob(SHA256, len(DATA))
    await blobs.settle(SHA256)
    assert await content(blobs, SHA256) == DATA
    assert kept(folder) == [Path(SHA256[:2]) / SHA256[2:]]


async def test_folders_and_blobs_are_for_their_owner_alone(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    assert modes(folder) == {(True, 0o700), (False, 0o600)}


async def test_same_bytes_are_kept_once(folder: Path, blobs: Blobs) -> None:
    results = await asyncio.gather(*(blobs.put(chunks(DATA, size), len(DATA)) for size in (999, 70_000, 1_000_000)))
    assert results == [Blob(SHA256, len(DATA))] * 3
    await blobs.settle(SHA256)
    assert len(kept(folder)) == 1


async def test_one_byte_too_many_keeps_nothing_and_stops_reading(folder: Path, blobs: Blobs) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 65_536

    with pytest.raises(TooLarge, match="at most 1000000 bytes"):
        await blobs.put(endless(), 1_000_000)
    assert (kept(folder), asked) == ([], 16)
    with pytest.raises(TooLarge):
        await blobs.put(chunks(DATA), len(DATA) - 1)
    assert kept(folder) == []


async def test_source_that_breaks_keeps_nothing(folder: Path, blobs: Blobs, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield DATA
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):  # the hub itself could have stored it
        await blobs.put(broken(), 2 * len(DATA))
    assert kept(folder) == []
    assert caplog.records == []


async def test_cancelled_upload_keeps_nothing(folder: Path, blobs: Blobs) -> None:
    started = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield DATA
        started.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(blobs.put(stuck(), 2 * len(DATA)))
    await started.wait()
    assert len(kept(folder)) == 1
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert kept(folder) == []


async def test_full_disk_is_told_and_keeps_nothing(
    folder: Path, blobs: Blobs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("hub.core.blobs.os.fsync", full)
        for _ in range(3):
            with pytest.raises(Unavailable, match="cannot store files now"):
                await blobs.put(chunks(DATA), len(DATA))
    assert kept(folder) == []
    await blobs.put(chunks(DATA), len(DATA))
    said = ["files cannot be stored: [Errno 28] No space left on device", "files are stored again"]
    assert [record.getMessage() for record in caplog.records] == said


async def test_leftovers_of_a_crash_go_and_uploads_under_way_stay(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    for name, age in (("old", 25 * 3600), ("new", 3600)):
        leftover = folder / "incoming" / name
        leftover.write_bytes(b"half")
        os.utime(leftover, (time.time() - age,) * 2)
    assert await blobs.clean(nothing) == 1
    assert kept(folder) == sorted([Path(SHA256[:2]) / SHA256[2:], Path("incoming/new"), Path("unsettled") / SHA256])
    assert await content(blobs, SHA256) == DATA


async def test_unsettled_blob_that_nobody_knows_goes_after_a_day(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    os.utime(folder / "unsettled" / SHA256, (0, 0))
    assert await blobs.clean(nothing) == 1
    assert kept(folder) == []


async def test_settled_and_known_blobs_stay(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    await blobs.settle(SHA256)
    await blobs.settle(SHA256)
    assert kept(folder) == [Path(SHA256[:2]) / SHA256[2:]]
    await blobs.put(chunks(DATA), len(DATA))
    os.utime(folder / "unsettled" / SHA256, (0, 0))
    assert await blobs.clean(everything) == 0
    assert kept(folder) == [Path(SHA256[:2]) / SHA256[2:]]


async def test_blob_that_is_stored_again_while_it_is_looked_up_stays(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    os.utime(folder / "unsettled" / SHA256, (0, 0))

    async def slow(_: Sequence[str]) -> list[str]:
        await blobs.put(chunks(DATA), len(DATA))
        return []

    assert await blobs.clean(slow) == 0
    assert await content(blobs, SHA256) == DATA
    assert kept(folder) == sorted([Path(SHA256[:2]) / SHA256[2:], Path("unsettled") / SHA256])


async def test_unsettled_again_a_blob_goes_after_a_day_unless_somebody_knows_it(folder: Path, blobs: Blobs) -> None:
    await blobs.put(chunks(DATA), len(DATA))
    for known, left in ((everything, 1), (nothing, 0)):
        await blobs.settle(SHA256)
        await blobs.unsettle([SHA256])
        assert await blobs.clean(nothing) == 0
        os.utime(folder / "unsettled" / SHA256, (0, 0))
        assert await blobs.clean(known) == 1 - left
        assert len(kept(folder)) == left


async def test_nothing_to_clean_in_a_new_hub(blobs: Blobs) -> None:
    assert await blobs.clean(nothing) == 0


async def test_missing_blob_is_not_found_and_the_log_says_where_it_should_be(
    blobs: Blobs, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NotFound, match="File not found"):
        await content(blobs, SHA256)
    assert f"not in {folder}" in caplog.text
