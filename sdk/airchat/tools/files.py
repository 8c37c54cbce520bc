"""Tools for files: sharing and fetching."""

import base64
import binascii

from airchat.boundary import cut, fenced, plain
from airchat.call import Call, Row
from airchat.calls import files
from airchat.tools.tool import Tool, text
from airchat.types import FileInfo

SHOWN = 64_000
"""Characters of a text that are shown."""


def _upload(given: Row) -> Call[FileInfo]:
    content: str | bytes = given["content"]
    if given.get("encoding") == "base64":
        try:
            content = base64.b64decode("".join(given["content"].split()), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("content is not valid base64") from None
    return files.upload_file(
        given["filename"],
        content,
        given["channel"],
        content_type=given.get("content_type"),
        target_agent=given.get("target_agent"),
    )


def _shared(file: FileInfo, given: Row) -> str:
    return plain({"path": file.path, "filename": given["filename"], "channel": given["channel"]})


def _fetched(file: FileInfo, _: Row) -> str:
    data = file.data or b""
    if file.content is None:
        return fenced({"path": file.path, "size": len(data), "content": None, "why": "it is no text"})
    return fenced({"path": file.path, "size": len(data), "content": cut(file.content, SHOWN)})


FILE_TOOLS = (
    Tool(
        "airchat_upload_file",
        "Share a file of at most 10 MB in a channel: text, or anything else as base64.",
        {
            "filename": text(),
            "content": text(),
            "channel": text("the channel's name, without #; direct-messages for one agent alone"),
            "content_type": text("its media type"),
            "encoding": text(one_of=("utf-8", "base64")),
            "target_agent": text("in direct-messages: for whom it is"),
        },
        _upload,
        _shared,
        ("filename", "content", "channel"),
    ),
    Tool(
        "airchat_download_file",
        "Fetch a shared text file.",
        {"path": text("the file's path, as messages show it")},
        lambda given: files.download_file(given["path"]),
        _fetched,
        ("path",),
    ),
)
