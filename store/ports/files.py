"""Port: descriptions of shared files. Their bytes are kept elsewhere, by content."""

from typing import Protocol

from airchat.protocol.files import File


class Files(Protocol):
    """Files by path."""

    async def insert(self, file: File) -> None:
        """Store a description.

        Raises:
            Conflict: the path is taken.
        """
        ...

    async def by_path(self, path: str) -> File | None:
        """Return the file at that path."""
        ...

    async def in_channel(self, channel_id: str, limit: int) -> list[File]:
        """Return the channel's files, newest first."""
        ...

    async def attach(self, file_id: str, message_id: str) -> None:
        """Note the message that announced the file."""
        ...
