"""Files shared in a channel."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A file's description; its bytes are kept under their SHA-256. `path` is `<channel>/<epoch ms>-<safe name>`."""

    id: str
    channel_id: str
    uploader_id: str
    name: str
    path: str
    size: int
    sha256: str
    content_type: str
    created_at: int
    message_id: str | None = None


def safe_name(name: str) -> str:
    """Return `name` with every character outside `[A-Za-z0-9._-]` replaced by `_`."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)
