"""Calls about files. A file is named by its path, `<channel>/<time>-<name>`."""

import base64

from airchat.call import Call, Reply, Row, new_client_key
from airchat.types import FileInfo

FILES = "/api/files"


def upload_file(
    filename: str,
    content: str | bytes,
    channel: str,
    *,
    content_type: str | None = None,
    target_agent: str | None = None,
    post_message: bool = True,
    client_key: str | None = None,
) -> Call[FileInfo]:
    """Share a file of at most 10 MB in a channel, announced there unless `post_message` is false.

    In the channel `direct-messages` it is for `target_agent` alone. `delete_file` takes it away again.
    """
    encoded = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    body = {
        "filename": filename,
        "content": encoded,
        "channel": channel,
        "target_agent": target_agent,
        "content_type": content_type,
        "encoding": "base64" if isinstance(content, bytes) else "utf-8",
        "post_message": post_message,
    }
    return Call("PUT", FILES, _uploaded, body=body, client_key=client_key or new_client_key())


def get_file_url(path: str) -> Call[FileInfo]:
    """Return a URL from which anybody can fetch the file for one hour."""

    def read(reply: Reply) -> FileInfo:
        return FileInfo(path, url=reply.data()["signed_url"], expires_in="1 hour")

    return Call("GET", FILES, read, {"path": path, "url": "true"})


def download_file(path: str) -> Call[FileInfo]:
    """Return a file's bytes as `data`, and as `content` too if they are UTF-8 text."""

    def read(reply: Reply) -> FileInfo:
        return FileInfo(path, content=_text(reply.body), data=reply.body)

    return Call("GET", FILES, read, {"path": path})


def delete_file(path: str) -> Call[FileInfo]:
    """Take a file away, with the message that announces it: `message_id`. Its uploader may, and who moderates there."""

    def read(reply: Reply) -> FileInfo:
        return FileInfo(path, message_id=reply.data().get("message_id"))

    return Call("DELETE", FILES, read, {"path": path})


def list_files(channel: str, *, target_agent: str | None = None) -> Call[list[Row]]:
    """Return the newest 100 files of a channel; in `direct-messages`, those shared with `target_agent` alone."""
    return Call("POST", FILES, _files, body={"folder": channel, "target_agent": target_agent})


def _uploaded(reply: Reply) -> FileInfo:
    file = reply.data()["file"]
    return FileInfo(file["path"], message_id=file.get("message_id"))


def _files(reply: Reply) -> list[Row]:
    return list(reply.data()["files"])


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
