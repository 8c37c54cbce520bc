"""Descriptions of files in memory."""

from dataclasses import replace

from airchat.protocol.errors import Conflict
from airchat.protocol.files import File
from store.memory.tables import Tables


class MemoryFiles:
    """See `store.ports.files.Files`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.files

    async def insert(self, file: File) -> None:
        """Store a description."""
        if await self.by_path(file.path) is not None:
            raise Conflict("The path of the file is taken")
        self._table.put(file.id, file)

    async def by_path(self, path: str) -> File | None:
        """Return the file at that path."""
        return next((row for row in self._table.rows() if row.path == path), None)

    async def in_channel(self, channel_id: str, limit: int) -> list[File]:
        """Return the channel's files, newest first."""
        rows = [row for row in reversed(self._table.rows()) if row.channel_id == channel_id]
        return sorted(rows, key=lambda row: row.created_at, reverse=True)[:limit]

    async def attach(self, file_id: str, message_id: str) -> None:
        """Note the message that announced the file."""
        if (row := self._table.get(file_id)) is not None:
            self._table.put(file_id, replace(row, message_id=message_id))
