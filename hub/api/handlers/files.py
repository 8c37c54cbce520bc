"""Files: fetching, listing, taking away, and links that need no key. `uploads` has how they are shared."""

import base64
from contextlib import aclosing
from typing import Annotated, Any
from urllib.parse import quote

from aiohttp import web
from pydantic import AfterValidator, AliasChoices, BaseModel, Field, StringConstraints

from airchat.protocol.files import File
from hub.api import views
from hub.api.body import in_thread
from hub.api.cases import UseCases
from hub.api.endpoint import JSON, Call, Empty, Endpoint
from hub.api.fields import Channel, Name, Number, On, Says, Text
from hub.api.schemas import ListedFile
from hub.core.file_names import OCTETS, check_path
from hub.core.files import SIGNED_SECONDS

_LISTED = 100
_ACTIVE = ("html", "javascript", "ecmascript", "svg", "xml")  # types that a browser would run


def _checked_path(path: str) -> str:
    check_path(path)
    return path


Path = Annotated[
    str, StringConstraints(min_length=1), AfterValidator(_checked_path), Says('Missing "path" query parameter')
]


class FetchQuery(BaseModel):
    """Which file; `url=true` asks for a link to it instead.

    Older clients call the path `id`, want JSON always, and add `download=true` when they want more than a link.
    """

    path: Annotated[Path, Field(validation_alias=AliasChoices("path", "id"))]
    url: On = False
    download: On = False


class PathQuery(BaseModel):
    """Which file."""

    path: Path


class ListBody(BaseModel):
    """Which channel's files; in `direct-messages` those between the caller and `target_agent`."""

    folder: Annotated[Channel, Says("folder must be a channel name")]
    target_agent: Name | None = None


class SignedQuery(BaseModel):
    """What a link carries."""

    expires: Number
    signature: Text


class Deleted(BaseModel):
    """The file that is gone, and the message that went with it."""

    path: str
    message_id: str | None


class Listing(BaseModel):
    """A channel's files, newest first, at most 100."""

    files: list[ListedFile]


async def fetch(cases: UseCases, call: Call[FetchQuery, Empty]) -> Any:
    """Send a file, a link to it, or - to clients that ask in JSON - both as JSON."""
    file = await cases.files.find(call.actor, call.query.path)
    older = "path" not in call.request.query
    if call.query.url or (older and not call.query.download):
        return {"signed_url": _signed_url(cases, call, file), "expires_in": SIGNED_SECONDS}
    if older or (call.request.content_type == JSON and "Content-Type" in call.request.headers):
        return await _as_json(cases, call, file)
    return await _send(cases, call.request, file)


async def fetch_signed(cases: UseCases, call: Call[SignedQuery, Empty]) -> Any:
    """Send a file to whoever has the link."""
    query = call.query
    file = await cases.files.find_signed(call.path["path"], query.expires, query.signature)
    return await _send(cases, call.request, file)


async def list_files(cases: UseCases, call: Call[Empty, ListBody]) -> Any:
    """List a channel's files."""
    found = await cases.files.list(call.actor, call.body.folder, _LISTED, target=call.body.target_agent)
    return {"files": [views.listed_file_row(file) for file in found]}


async def delete(cases: UseCases, call: Call[PathQuery, Empty]) -> Any:
    """Take a file away."""
    file = await cases.files.delete(call.actor, call.query.path)
    return {"path": file.path, "message_id": file.message_id}


def _signed_url(cases: UseCases, call: Call[FetchQuery, Empty], file: File) -> str:
    return f"{call.base_url}/signed/files/{quote(file.path)}?{cases.files.sign(file)}"


async def _as_json(cases: UseCases, call: Call[FetchQuery, Empty], file: File) -> dict[str, Any]:
    content = b"".join([chunk async for chunk in cases.files.read(file)])
    row = {"path": file.path, "content_type": file.content_type, "size": file.size}
    row["signed_url"] = _signed_url(cases, call, file)
    try:
        return row | {"content": content.decode()}
    except UnicodeDecodeError:
        encoded = await in_thread(base64.b64encode, content, len(content))
        return row | {"content_base64": encoded.decode()}


def _served_type(file: File) -> str:
    """Return the type to serve the file with: none that a browser would run."""
    return OCTETS if any(word in file.content_type.lower() for word in _ACTIVE) else file.content_type


async def _send(cases: UseCases, request: web.Request, file: File) -> web.StreamResponse:
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in file.name)
    headers = {
        "Content-Type": _served_type(file),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    response = web.StreamResponse(headers=headers)
    response.content_length = file.size
    async with aclosing(cases.files.read(file)) as chunks:
        chunk = await anext(chunks, b"")  # what is lost is noticed while that can still be said
        await response.prepare(request)
        while chunk:
            await response.write(chunk)
            chunk = await anext(chunks, b"")
    await response.write_eof()
    return response


_PATH = "/api/files"
_TAG = "files"

ENDPOINTS = (
    Endpoint(
        "GET",
        _PATH,
        fetch,
        _TAG,
        "Fetch a file",
        None,
        "Raw bytes, always as an attachment. With `url=true`: `{signed_url, expires_in}`, good for an hour without a "
        "key. With the header `Content-Type: application/json`: "
        "`{path, content_type, size, content or content_base64, signed_url}`.",
        query=FetchQuery,
        checks_first=True,
        limited=False,
        envelope=False,
        media="*/*",
        errors=(404,),
    ),
    Endpoint(
        "POST",
        _PATH,
        list_files,
        _TAG,
        "List a channel's files",
        Listing,
        body=ListBody,
        reads_only=True,
        limited=False,
        envelope=False,
        errors=(404,),
    ),
    Endpoint(
        "DELETE",
        _PATH,
        delete,
        _TAG,
        "Take a file away",
        Deleted,
        "Whoever shared it, who moderates its channel, or an admin. The message that announces it goes with it; a file "
        "of a message that says more goes when that is deleted.",
        query=PathQuery,
        envelope=False,
        errors=(403, 404, 409),
    ),
    Endpoint(
        "GET",
        "/signed/files/{path:.+}",
        fetch_signed,
        _TAG,
        "Fetch a file by its link",
        None,
        query=SignedQuery,
        authenticated=False,
        envelope=False,
        media="*/*",
        errors=(403, 404),
    ),
)
