"""Port: descriptions of shared files. Their bytes are kept elsewhere, by content.

A deleted file is known by its key alone, and has neither name nor path.
"""

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

    async def delete_with(self, message_id: str, at: int) -> list[File]:
        """Delete the files that the message shares, and return them; events about them tell neither name nor path."""
        ...

    async def delete(self, file_id: str, at: int) -> File:
        """Delete a file that no message shares, and return it, as `delete_with` does.

        Raises:
            NotFound: there is none.
        """
        ...

    async def to_collect(self, limit: int) -> list[str]:
        """Return hashes of deleted files that no other file has, and of which `collected` does not know."""
        ...

    async def collected(self, hashes: Sequence[str]) -> None:
        """Note that the bytes of deleted files with these hashes are gone."""
        ...
