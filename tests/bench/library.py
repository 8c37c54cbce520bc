"""Databases with many messages: filled once a run, on the way to the largest; benchmarks work on copies."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from hub.administration import administration
from hub.settings import load_settings
from tests.bench.stock import Stock, database, fill, people
from tests.hub_process import HubProcess


@dataclass
class Library:
    """Copies of a SQLite hub with 1/100, 1/10 and all of `largest` messages."""

    folder: Path
    largest: int
    say: Callable[[str], None]
    stock: Stock | None = field(default=None, init=False)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many messages there are in each."""
        return self.largest // 100, self.largest // 10, self.largest

    def hub(self, folder: Path, size: int, settings: dict[str, str] | None = None) -> tuple[HubProcess, Stock]:
        """Return a hub, not yet started, with its state in `folder` and a copy of the database of that size."""
        stock = self._filled()
        hub = HubProcess(folder, {"LIMITS__WRITE": "0", "LIMITS__READ": "0"} | (settings or {}))
        target = database(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._file(size), target)
        return hub, stock

    def _file(self, size: int) -> Path:
        return self.folder / f"{size}.db"

    def _filled(self) -> Stock:
        if self.stock is None:
            self.stock = asyncio.run(self._fill())
        return self.stock

    async def _fill(self) -> Stock:
        stored = 0
        env = HubProcess(self.folder).env
        for size in self.sizes:
            async with administration(load_settings(None, env)) as hub:
                stock = self.stock = self.stock or await people(hub)
                before = stored
                await fill(hub, stock, size - before, lambda more: self.say(f"{before + more:,} messages stored"))  # noqa: B023 - called within the round
            stored = size
            with closing(sqlite3.connect(database(self.folder))) as source:
                source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(database(self.folder), self._file(size))
        return stock
