"""Port: descriptions of shared files. Their bytes are kept elsewhere, by content."""

from collections.abc import Sequence
from typing import Protocol

from airchat.protocol.files import File


class Files(Protocol):
    """Files by path."""

    async def insert(self, file: File, idempotency_key: str | None = None) -> None:
        """Store a description; the key, if one is given, is unique per uploader.

        Raises:
            Conflict: the path or the key is taken.
        """
        ...

    async def by_key(self, uploader_id: str, idempotency_key: str) -> File | None:
        """Return what the uploader shared under that key."""
        ...

    async def known(self, hashes: Sequence[str]) -> set[str]:
        """Return which of these SHA-256 hashes are those of files."""
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
