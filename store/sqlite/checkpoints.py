"""Checkpoints: moves what was committed from the write-ahead log into the database file, beside the writer."""

import asyncio
import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

INTERVAL_SECONDS = 0.9
"""Out of step with what reads once a second or two: where somebody reads, the log cannot start anew."""

LARGE_PAGES = 16_384
"""From here on (64 MiB) the log is made to start anew, for which the writer has to pause for a moment."""

PASSES = 5
"""So many times at most what was committed during a checkpoint is moved after the rest, to find a moment with nothing
left to move: then the log starts anew by itself. To write over it is quicker than to lengthen its file each time."""
LITTLE_PAGES = 128
"""When more than this was committed during one pass, there will be no such moment."""
PAUSE_SECONDS = 0.002
"""A commit that was under way during a pass is over, and seen by the next."""

_log = logging.getLogger(__name__)


class Checkpoints:
    """A connection, a thread and a timer of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite-checkpoint")
        self._connection: sqlite3.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._pages = 0

    async def open(self) -> None:
        """Start the timer."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._connect)
        self._task = asyncio.create_task(self._repeat(), name="store checkpoints")

    async def close(self) -> None:
        """Stop, with nothing left in the log if no other process uses it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await asyncio.get_running_loop().run_in_executor(self._executor, self._finish)
        self._executor.shutdown(wait=False)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await asyncio.get_running_loop().run_in_executor(self._executor, self._checkpoint)

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None)

    def _checkpoint(self) -> None:
        pages = self._pass("PASSIVE")
        if pages != self._pages:
            pages = self._catch_up(pages)
        if pages > LARGE_PAGES:
            self._pass("RESTART")
        self._pages = pages

    def _catch_up(self, pages: int) -> int:
        """Go on until nothing is left to move, if that seems possible; return the log's length, which was `pages`."""
        for _ in range(PASSES):
            time.sleep(PAUSE_SECONDS)
            before, pages = pages, self._pass("PASSIVE")
            if not 0 < pages - before <= LITTLE_PAGES:
                break
        return pages

    def _pass(self, mode: str) -> int:
        """Run a checkpoint and return the log's length in pages; a full disk or a busy file only delays it."""
        if self._connection is None:
            return 0
        try:
            return int(self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[1])
        except sqlite3.Error as error:
            _log.warning("checkpoint failed: %s", error)
            return 0

    def _finish(self) -> None:
        if self._connection is not None:
            self._pass("TRUNCATE")
            self._connection.close()
            self._connection = None
