"""Blobs: the bytes of files, on disk under their SHA-256.

`ab/cdef…` holds what hashes to `abcdef…`, once however often it is shared. A blob appears whole or not at all: it is
written beside, flushed to disk and moved into its place. Nothing is ever held in memory whole.

A blob is unsettled, which a mark with its name says, until whoever stored it has described it; and again when the last
file that has it may be gone. `clean` takes away what is unsettled for a day and nobody knows of.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from airchat.protocol.errors import NotFound, TooLarge, Unavailable
from store.outage import Outage

_INCOMING = "incoming"
_UNSETTLED = "unsettled"
_CHUNK = 256 * 1024
_LEFTOVER_SECONDS = 24 * 3600
_BATCH = 500

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

Known = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Returns which of some hashes are those of files."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored bytes."""

    sha256: str
    size: int


class Blobs:
    """A folder of blobs, readable by its owner alone. Disk work happens in threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._outage = Outage(_log, "files cannot be stored: %s", "files are stored again")

    async def put(self, source: AsyncIterator[bytes], limit: int) -> Blob:
        """Store what the source yields, unsettled; what the source raises is raised, and nothing is kept.

        Raises:
            TooLarge: it is more than `limit` bytes; nothing is kept.
            Unavailable: the disk is full or broken; nothing is kept.
        """
        writer = _Writer(self._directory)
        try:
            async with contextlib.aclosing(_pieces(source)) as pieces:
                async for piece in pieces:
                    if writer.size + len(piece) > limit:
                        raise TooLarge(f"A file may have at most {limit} bytes")
                    await self._on_disk(partial(writer.write, piece))
            blob = await self._on_disk(writer.keep)
        finally:
            await asyncio.to_thread(writer.discard)
        self._outage.end()
        return blob

    async def read(self, sha256: str) -> AsyncGenerator[bytes, None]:
        """Yield the bytes in pieces.

        Raises:
            NotFound: there is no such blob.
        """
        try:
            file = await asyncio.to_thread(_path(self._directory, sha256).open, "rb")
        except FileNotFoundError as error:
            _log.error(
                "the bytes of a file are not in %s: lost, or kept by a hub elsewhere: %s", self._directory, sha256
            )
            raise NotFound("File not found") from error
        try:
            while piece := await asyncio.to_thread(file.read, _CHUNK):
                yield piece
        finally:
            await asyncio.shield(asyncio.to_thread(file.close))  # also when whoever reads is cancelled

    async def settle(self, sha256: str) -> None:
        """Note that the blob is one of a file now. Where that fails, `clean` finds it out."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread((self._directory / _UNSETTLED / sha256).unlink, missing_ok=True)

    async def unsettle(self, hashes: Sequence[str]) -> None:
        """Have `clean` find out in a day whether anybody knows of these blobs still."""
        for sha256 in hashes:
            await asyncio.to_thread(_mark, self._directory / _UNSETTLED / sha256)

    async def clean(self, known: Known) -> int:
        """Remove what a day ago or earlier was left half written, or of which no file came; return how many."""
        removed = await asyncio.to_thread(self._remove_leftovers)
        old = await asyncio.to_thread(self._old, _UNSETTLED)
        for start in range(0, len(old), _BATCH):
            marks = old[start : start + _BATCH]
            wanted = await known([mark.name for mark in marks])
            removed += await asyncio.to_thread(self._remove_unwanted, marks, wanted)
        return removed

    async def _on_disk(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns; that the disk does not take it is its own fault alone, not the source's."""
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            self._outage.begin(error)
            raise Unavailable("The hub cannot store files now", retry_after=60) from error

    def _old(self, folder: str) -> list[Path]:
        return [path for path in (self._directory / folder).glob("*") if _is_old(path)]

    def _remove_leftovers(self) -> int:
        leftovers = self._old(_INCOMING)
        for path in leftovers:
            path.unlink(missing_ok=True)  # another hub on the same folder may be quicker
        return len(leftovers)

    def _remove_unwanted(self, marks: Sequence[Path], wanted: Collection[str]) -> int:
        unwanted = [mark for mark in marks if mark.name not in wanted]
        removed = sum(self._remove(mark) for mark in unwanted)
        for mark in marks:
            if _is_old(mark):
                mark.unlink(missing_ok=True)
        return removed

    def _remove(self, mark: Path) -> bool:
        """Remove a blob, unless it is stored again at this moment.

        It is taken away first: who looks for it from then on stores it anew, and who found it before has renewed the
        mark before that.
        """
        place, aside = _path(self._directory, mark.name), self._directory / _INCOMING / secrets.token_hex(16)
        try:
            place.rename(aside)
        except FileNotFoundError:
            return False
        if _is_old(mark):
            aside.unlink()
            return True
        aside.rename(place)
        return False


class _Writer:
    """A blob being written. Its methods block; the lock makes `discard` wait for a write that was abandoned midway."""

    def __init__(self, directory: Path) -> None:
        self.size = 0
        self._directory = directory
        self._temporary = directory / _INCOMING / secrets.token_hex(16)
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        self._descriptor: int | None = None

    def write(self, data: bytes) -> None:
        with self._lock:
            self._open()
            self._write(data)

    def keep(self) -> Blob:
        """Bring the blob to its place, durably."""
        with self._lock:
            os.fsync(self._open())
            self._close()
            blob = Blob(self._hash.hexdigest(), self.size)
            _mark(self._directory / _UNSETTLED / blob.sha256)
            place = _path(self._directory, blob.sha256)
            if not place.exists():
                _make_folder(place.parent)
                self._temporary.rename(place)
            _flush_folder(place.parent)
            return blob

    def discard(self) -> None:
        """Remove what was not kept."""
        with self._lock:
            self._close()
            self._temporary.unlink(missing_ok=True)

    def _open(self) -> int:
        if self._descriptor is None:
            _make_folder(self._temporary.parent)
            self._descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return self._descriptor

    def _write(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._open(), rest) :]

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


async def _pieces(source: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Join small chunks, so that a thread is not asked for each."""
    buffer = bytearray()
    async for chunk in source:
        buffer += chunk
        if len(buffer) >= _CHUNK:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _path(directory: Path, sha256: str) -> Path:
    return directory / sha256[:2] / sha256[2:]


def _mark(path: Path) -> None:
    """Make the mark, or make it new, so that it survives a crash."""
    _make_folder(path.parent)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    os.utime(path)
    _flush_folder(path.parent)


def _is_old(path: Path) -> bool:
    """Tell whether the file is there, and nobody has touched it for a day."""
    try:
        return path.stat().st_mtime < time.time() - _LEFTOVER_SECONDS
    except FileNotFoundError:
        return False


def _make_folder(folder: Path) -> None:
    """Make the folder with those above it, each durably and for the owner alone."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """Make new names in the folder survive a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
