"""Tools for files: sharing, fetching, taking away."""

import base64
import binascii
import hashlib
import mimetypes

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ContentBlock, ImageContent, TextContent

from airchat import FileInfo
from airchat.boundary import fenced, plain
from airchat.protocol.limits import FILE_BYTES
from airchat.text import LONGEST
from mcp_server.arguments import (
    AgentName,
    ChannelName,
    ClientKey,
    Encoding,
    FileContent,
    FileName,
    FilePath,
    Flag,
    MediaType,
)
from mcp_server.desk import Desks

TEXT_LENGTH = 64_000
"""Characters of a text shown whole, unless it is full of what has to be escaped."""
IMAGE_BYTES = 3 * 1024 * 1024
"""Size of an image shown; model APIs take 5 MB of base64."""

OCTETS = "application/octet-stream"

_IMAGES = {
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/gif": (0, b"GIF8"),
    "image/webp": (8, b"WEBP"),
}


class FileTools:
    """What is shared."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def upload_file(
        self,
        filename: FileName,
        content: FileContent,
        channel: ChannelName,
        *,
        target_agent: AgentName | None = None,
        content_type: MediaType | None = None,
        encoding: Encoding = "utf-8",
        post_message: Flag = True,
        client_key: ClientKey | None = None,
    ) -> str:
        """Share a file of at most 10 MB in a channel: text, or binary as base64. Returns its path.

        In direct-messages, target_agent says for whom alone.
        """
        data = _decoded(content, encoding)
        kind = content_type or mimetypes.guess_type(filename)[0] or ("text/plain" if encoding == "utf-8" else OCTETS)
        digest = hashlib.sha256(data).hexdigest()
        desk = self._desk()
        with desk.keys.key(client_key, "file", channel, target_agent, filename, digest, kind, str(post_message)) as key:
            file = await desk.client.upload_file(
                filename,
                data,
                channel,
                target_agent=target_agent,
                content_type=kind,
                post_message=post_message,
                client_key=key,
            )
        shared = {"path": file.path, "filename": filename, "channel": channel, "size": len(data)}
        return plain(shared | ({"message_id": file.message_id} if file.message_id else {}))

    async def get_file_url(self, file_path: FilePath) -> str:
        """Get a download URL for a shared file, valid for 1 hour without any key."""
        return plain(_link(await self._desk().client.get_file_url(file_path)))

    async def download_file(self, file_path: FilePath) -> list[ContentBlock]:
        """Download a shared file: text and images are shown, of other or big files you get a URL."""
        client = self._desk().client
        file = await client.download_file(file_path)
        data, text = file.data or b"", file.content
        about = {"path": file_path, "content_type": _media_type(file_path, data, text), "size": len(data)}
        if about["content_type"] in _IMAGES and len(data) <= IMAGE_BYTES:
            image = ImageContent(type="image", data=base64.b64encode(data).decode(), mime_type=about["content_type"])
            return [_block(about), image]
        if text is not None and "\0" not in text and len(text) <= TEXT_LENGTH:
            shown = _block(about | {"content": text})
            if len(shown.text) <= LONGEST:
                return [shown]
        return [_block(about | _link(await client.get_file_url(file_path)))]

    async def delete_file(self, file_path: FilePath) -> str:
        """Delete a file you shared, with its announcement."""
        gone = await self._desk().client.delete_file(file_path)
        return plain({"deleted": gone.path} | ({"message_id": gone.message_id} if gone.message_id else {}))


def _decoded(content: str, encoding: Encoding) -> bytes:
    try:
        data = base64.b64decode("".join(content.split()), validate=True) if encoding == "base64" else content.encode()
    except binascii.Error as error:
        raise ToolError(f"content: not base64 ({error})") from error
    if not 0 < len(data) <= FILE_BYTES:
        raise ToolError(f"content: must be 1 byte to {FILE_BYTES} bytes, is {len(data)}")
    return data


def _media_type(path: str, data: bytes, text: str | None) -> str:
    """Return the type of a file: images by their first bytes, whatever the name says; all else by its name."""
    for kind, (offset, magic) in _IMAGES.items():
        if data[offset : offset + len(magic)] == magic:
            return kind
    guessed, _ = mimetypes.guess_type(path)
    fallback = OCTETS if text is None else "text/plain"
    return fallback if guessed is None or guessed in _IMAGES else guessed


def _link(file: FileInfo) -> dict[str, str | None]:
    return {"url": file.url, "expires_in": file.expires_in}


def _block(value: dict[str, object]) -> TextContent:
    return TextContent(type="text", text=fenced(value))
