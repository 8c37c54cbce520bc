"""Multipart bodies: JSON, and files that are read while they are sent.

https://docs.discord.com/developers/reference#uploading-files
"""

import json
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp.payload import AsyncIterablePayload

from hub.relay.contract.outbound import File

PER_MESSAGE = 10


class _Stream(AsyncIterablePayload):
    """The bytes of a file, whose number is known before."""

    def __init__(self, file: File) -> None:
        super().__init__(file.read(), content_type=file.content_type or "application/octet-stream")
        self._size = file.size


def form(body: Any, files: Sequence[File]) -> aiohttp.MultipartWriter:
    """Return a body with files."""
    described = [{"id": number, "filename": file.name} for number, file in enumerate(files)]
    writer = aiohttp.MultipartWriter("form-data")
    text = json.dumps({**(body or {}), "attachments": described})
    part = writer.append(text, {"Content-Type": "application/json"})
    part.set_content_disposition("form-data", name="payload_json")
    for number, file in enumerate(files):
        stream = writer.append_payload(_Stream(file))
        stream.set_content_disposition("form-data", quote_fields=False, name=f"files[{number}]", filename=_safe(file))
    return writer


def _safe(file: File) -> str:
    """Return a name that cannot end the header it stands in; the real one is in the JSON."""
    return "".join(one if one.isalnum() or one in ".-_" else "_" for one in file.name)[:100] or "file"
