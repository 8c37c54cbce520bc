"""Descriptions of files in memory. A deleted one has no path, and once its bytes are gone no hash."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.files import File
from store.memory.events import MemoryEvents
from store.memory.tables import Tables


class MemoryFiles:
    """See `store.ports.files.Files`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.files
        self._keys = tables.file_keys
        self._events = MemoryEvents(tables)

    async def insert(self, file: File, idempotency_key: str | None = None) -> None:
        """Store a description."""
        key = (file.uploader_id, idempotency_key) if idempotency_key else None
        if await self.by_path(file.path) is not None or (key and key in self._keys):
            raise Conflict("The path of the file, or its key, is taken")
        self._table.put(file.id, file)
        if key:
            self._keys.put(key, file.id)

    async def by_key(self, uploader_id: str, idempotency_key: str) -> File | None:
        """Return what the uploader shared under that key."""
        file_id = self._keys.get((uploader_id, idempotency_key))
        return self._table[file_id] if file_id else None

    async def known(self, hashes: Sequence[str]) -> set[str]:
        """Return which of these hashes are those of files."""
        return {row.sha256 for row in self._present()} & set(hashes)

    async def by_path(self, path: str) -> File | None:
        """Return the file at that path."""
        return next((row for row in self._present() if row.path == path), None)

    async def in_channel(self, channel_id: str, limit: int) -> list[File]:
        """Return the channel's files, newest first."""
        rows = [row for row in reversed(self._present()) if row.channel_id == channel_id]
        return sorted(rows, key=lambda row: row.created_at, reverse=True)[:limit]

    async def attach(self, file_id: str, message_id: str) -> None:
        """Note the message that announced the file."""
        if (row := self._table.get(file_id)) is not None:
            self._table.put(file_id, replace(row, message_id=message_id))

    async def delete_with(self, message_id: str, at: int) -> list[File]:
        """Delete the files that the message shares, and return them."""
        return [self._delete(row) for row in self._present() if row.message_id == message_id]

    async def delete(self, file_id: str, at: int) -> File:
        """Delete a file that no message shares, and return it."""
        row = self._table.get(file_id)
        if row is None or not row.path:
            raise NotFound("File not found")
        return self._delete(row)

    async def to_collect(self, limit: int) -> list[str]:
        """Return hashes of deleted files that no other file has."""
        gone = {row.sha256 for row in self._table.rows() if not row.path and row.sha256}
        return sorted(gone - {row.sha256 for row in self._present()})[:limit]

    async def collected(self, hashes: Sequence[str]) -> None:
        """Note that the bytes of deleted files with these hashes are gone."""
        for row in self._table.rows():
            if not row.path and row.sha256 in hashes:
                self._table.put(row.id, replace(row, sha256=""))

    def _delete(self, row: File) -> File:
        file = replace(row, name="", path="")
        self._table.put(file.id, file)
        self._events.scrub(file.id, {"name": "", "path": ""})
        return file

    def _present(self) -> list[File]:
        return [row for row in self._table.rows() if row.path]
