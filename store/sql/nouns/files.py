"""Files over SQL."""

from collections.abc import Sequence

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.files import File
from store.sql.nouns.events import SqlEvents
from store.sql.session import Row, Session, ids_json


def _file_of(row: Row) -> File:
    return File(
        id=row["id"],
        channel_id=row["channel_id"],
        uploader_id=row["uploader_id"],
        name=row["name"] if row["deleted_at"] is None else "",
        path=row["path"] if row["deleted_at"] is None else "",
        size=row["size"],
        sha256=row["sha256"],
        content_type=row["content_type"],
        created_at=row["created_at"],
        message_id=row["message_id"],
    )


class SqlFiles:
    """Implements `store.ports.files.Files`."""

    def __init__(self, session: Session, events: SqlEvents) -> None:
        self._session = session
        self._events = events

    async def insert(self, file: File, idempotency_key: str | None = None) -> None:
        """See the port."""
        inserted = await self._session.execute(
            "files.insert",
            file.id,
            file.channel_id,
            file.uploader_id,
            file.name,
            file.path,
            file.size,
            file.sha256,
            file.content_type,
            file.created_at,
            file.message_id,
            idempotency_key,
        )
        if not inserted:
            raise Conflict(f"There is a file at {file.path}, or with the same key, already.")

    async def by_key(self, uploader_id: str, idempotency_key: str) -> File | None:
        """See the port."""
        row = await self._session.fetch_one("files.by_key", uploader_id, idempotency_key)
        return None if row is None else _file_of(row)

    async def known(self, hashes: Sequence[str]) -> set[str]:
        """See the port."""
        return {row["sha256"] for row in await self._session.fetch("files.known", ids_json(hashes))}

    async def by_path(self, path: str) -> File | None:
        """See the port."""
        row = await self._session.fetch_one("files.by_path", path)
        return None if row is None else _file_of(row)

    async def in_channel(self, channel_id: str, limit: int) -> list[File]:
        """See the port."""
        return [_file_of(row) for row in await self._session.fetch("files.in_channel", channel_id, limit)]

    async def attach(self, file_id: str, message_id: str) -> None:
        """See the port."""
        await self._session.execute("files.attach", file_id, message_id)

    async def delete_with(self, message_id: str, at: int) -> list[File]:
        """See the port."""
        deleted = [_file_of(row) for row in await self._session.fetch("files.delete_with", message_id, at)]
        for file in deleted:
            await self._scrub(file)
        return deleted

    async def delete(self, file_id: str, at: int) -> File:
        """See the port."""
        row = await self._session.fetch_one("files.delete", file_id, at)
        if row is None:
            raise NotFound("File not found")
        await self._scrub(file := _file_of(row))
        return file

    async def _scrub(self, file: File) -> None:
        await self._events.scrub(file.id, {"name": "", "path": ""})

    async def to_collect(self, limit: int) -> list[str]:
        """See the port."""
        return [row["sha256"] for row in await self._session.fetch("files.to_collect", limit)]

    async def collected(self, hashes: Sequence[str]) -> None:
        """See the port."""
        await self._session.execute("files.collected", ids_json(hashes))
