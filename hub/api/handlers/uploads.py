"""Uploads: sharing files, as they are or within JSON."""

import base64
import binascii
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from airchat.protocol.errors import InvalidInput, TooLarge
from hub.api import views
from hub.api.body import in_thread, parse_json, read_body
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, ClientKey, FileName, Name, NotFalse, Says, Text
from hub.api.idempotency import idempotency_key
from hub.api.operation import checked
from hub.api.schemas import FileRow
from hub.core.file_names import OCTETS, type_by_name
from hub.core.permissions import Action

_CHUNK = 64 * 1024
_ROOM = 64 * 1024
_NEEDED = "filename, content, and channel are required"
_NO_FORM = "Forms are not taken: send the file itself as the body, with filename and channel in the query, or JSON"


class UploadQuery(BaseModel):
    """With a `filename` the body is the file itself, otherwise JSON."""

    filename: FileName | None = None
    channel: Channel | None = None
    target_agent: Name | None = None
    content_type: Text | None = None
    post_message: NotFalse = True


class UploadBody(BaseModel):
    """A file as JSON; in `direct-messages` it is for `target_agent` alone."""

    filename: Annotated[FileName, Says(_NEEDED)]
    content: Annotated[str, Says(_NEEDED)]
    channel: Annotated[Channel, Says(_NEEDED)]
    target_agent: Name | None = None
    content_type: Text | None = None
    encoding: Literal["utf-8", "base64"] | None = None
    post_message: bool | None = None
    client_key: ClientKey | None = None


class Shared(BaseModel):
    """The shared file."""

    file: FileRow


async def upload(cases: UseCases, call: Call[UploadQuery, Empty]) -> Any:
    """Share a file, sent as it is or within JSON."""
    query = call.query
    if query.filename is None:
        return await _upload_json(cases, call)
    if query.channel is None:
        raise InvalidInput(_NEEDED, "channel")
    declared = call.request.content_length
    if declared is not None and declared > cases.files.max_bytes:
        raise _too_large(cases)
    shared = await cases.files.put(
        call.actor,
        query.channel,
        query.filename,
        call.request.content.iter_chunked(_CHUNK),
        query.content_type or call.request.content_type,
        target=query.target_agent,
        post_message=query.post_message,
        idempotency_key=idempotency_key(call.request, None),
    )
    return {"file": views.shared_file_row(shared)}


async def _upload_json(cases: UseCases, call: Call[UploadQuery, Empty]) -> Any:
    if call.request.content_type == "multipart/form-data":
        raise InvalidInput(_NO_FORM, "body")
    limit = cases.files.max_bytes * 4 // 3 + _ROOM  # what base64 makes of it
    try:
        body_bytes = await read_body(call.request, limit)
    except TooLarge as error:
        raise _too_large(cases) from error
    data = await parse_json(body_bytes)
    body = checked(UploadBody, data)
    if not body.content:
        raise InvalidInput(_NEEDED, "content")
    content = await in_thread(_decode, body.content, len(body.content), body.encoding)
    shared = await cases.files.put(
        call.actor,
        body.channel,
        body.filename,
        _once(content),
        body.content_type or type_by_name(body.filename, OCTETS if body.encoding == "base64" else "text/plain"),
        target=body.target_agent,
        post_message=body.post_message is not False,
        idempotency_key=idempotency_key(call.request, body.client_key),
    )
    return {"file": views.shared_file_row(shared)}


def _too_large(cases: UseCases) -> TooLarge:
    return TooLarge(f"A file may have at most {cases.files.max_bytes} bytes")


def _decode(content: str, encoding: str | None) -> bytes:
    if encoding != "base64":
        return content.encode()
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("content is not valid base64", "content") from error


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


_UPLOAD = Endpoint(
    "PUT",
    "/api/files",
    upload,
    "files",
    "Share a file",
    Shared,
    "As JSON, or with `filename` and `channel` in the query as the body itself, which is streamed. At most 10 MB.",
    query=UploadQuery,
    body=UploadBody,
    action=Action.UPLOAD_FILES,
    limited=False,
    envelope=False,
    reads_body=True,
    raw_body=True,
    errors=(403, 404, 409),
)

ENDPOINTS = (
    _UPLOAD,
    replace(
        _UPLOAD,
        method="POST",
        path="/api/upload",
        summary="Share a file, at the address that older clients know",
        description="",
    ),
)
