"""SQLite connections: how they are set up, and what their errors mean."""

import os
import sqlite3
from pathlib import Path

from airchat.protocol.errors import Conflict
from store.errors import ReadOnly, TransactionLost

BUSY_MILLISECONDS = 5_000

_LOST = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
}

READER = (f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}", "PRAGMA cache_size = -8192", "PRAGMA query_only = ON")
"""A reader's settings. Sizes of caches are in KiB where negative."""

WRITER = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = MEMORY",
    # Checkpoints have a connection of their own.
    "PRAGMA wal_autocheckpoint = 0",
)
"""The writer's settings: a commit returns when it is on disk."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the writer's connection in this thread; a new file, and a new folder if need be, are their owner's only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.row_factory = sqlite3.Row
    for setting in WRITER:
        connection.execute(setting)
    return connection


def translated(error: sqlite3.Error) -> Exception:
    """Return what the error means to a unit of work; the error itself when it is a mistake of the program."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOST:
        return TransactionLost(str(error))
    if code == sqlite3.SQLITE_READONLY:
        return ReadOnly(str(error))
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict("The change contradicts what is stored.")
    return error
